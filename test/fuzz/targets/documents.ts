// Documents of images, registries and caches, and what a registry says in headers and errors.
import { decodeCacheConfig } from '../../../src/cache-format/cache-config.ts';
import { readCacheDocument } from '../../../src/cache-format/cache-manifest.ts';
import { decodeInlineCache } from '../../../src/cache-format/inline-cache.ts';
import { decodeKeyTrees } from '../../../src/cache-format/key-trees.ts';
import { mergeCaches } from '../../../src/cache-format/merge-caches.ts';
import { harmless, harmlessLines, harmlessName } from '../../../src/cli/progress/harmless.ts';
import { compareKeys } from '../../../src/explain/compare-keys.ts';
import { parseGitReference } from '../../../src/graph/git-reference.ts';
import { matchHistory } from '../../../src/inspect/match-history.ts';
import { parseConfig } from '../../../src/oci/config.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { encodeJson, isIndex, parseManifest } from '../../../src/oci/manifest.ts';
import {
  formatPlatform,
  matchPlatform,
  normalizePlatform,
  parsePlatform,
} from '../../../src/oci/platform.ts';
import { familiarReference, formatReference, parseReference } from '../../../src/oci/reference.ts';
import { parseChallenges } from '../../../src/registry/challenge.ts';
import { failure, failureWords } from '../../../src/registry/failure.ts';
import { pickManifest, readDocument } from '../../../src/registry/image-document.ts';
import { cleanText } from '../../../src/registry/redact.ts';
import { parseRetryAfter } from '../../../src/registry/retry.ts';
import { decodeGhaIndex, encodeGhaIndex } from '../../../src/remote-cache/gha-index.ts';
import { chooseRef } from '../../../src/source/git-refs.ts';
import { gitLogin, parseGitRemote } from '../../../src/source/git-remote.ts';
import { nameOfUrl } from '../../../src/source/url-name.ts';
import { documents, type FuzzTarget, must, texts } from '../fuzz-target.ts';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;
const platform = { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': '1' };
const blob = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 10 };
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 7 };
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const notes = { 'org.opencontainers.image.ref.name': 'x', constructor: 'y' };

const jsonWords = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    '"manifests":[],',
    '"config":{},',
    '"layers":[],',
    '"size":-1,',
  ],
  ...[
    '"platform":null,',
    `"digest":"${digest}",`,
    'sha512:',
    '\\u0000',
    '\\ud800',
    '[[[[[[[[',
    '{"a":',
    '\u202e',
  ],
];

const manifests: FuzzTarget = {
  name: 'manifest',
  corpus: () =>
    documents(
      { schemaVersion: 2, mediaType: manifestType, config, layers: [blob, blob], annotations: notes },
      {
        schemaVersion: 2,
        mediaType: indexType,
        manifests: [{ ...blob, mediaType: manifestType, platform, annotations: notes }],
      },
      {
        schemaVersion: 2,
        manifests: [{ ...blob, mediaType: 'application/vnd.slipway.cacheconfig.v1+json' }],
      },
      { schemaVersion: 1, fsLayers: [] },
    ),
  words: jsonWords,
  run(input) {
    const answer = {
      ...{ status: 200, headers: {}, url: new URL('https://r.example.com/'), foreign: false },
      ...{ bytes: input, truncated: false },
    };
    readCacheDocument(input, '');
    const { document } = readDocument(answer, 'name');
    const again = parseManifest(encodeJson(document), document.mediaType);
    must(
      JSON.stringify(again) === JSON.stringify(document),
      'a manifest reads otherwise when it is written again',
    );
    must(isIndex(document) === !('config' in document), 'a manifest is an index, too');
    if (!isIndex(document)) return;
    matchPlatform(document.manifests, platform);
    pickManifest(document, platform, 'name');
  },
};

const sound = {
  ...{ created: '2026-01-01T00:00:00Z', author: 'x', architecture: 'arm', os: 'linux', variant: 'v7' },
  config: {
    ...{
      User: 'a:b',
      ExposedPorts: { '80/tcp': {} },
      Env: ['A=b'],
      Entrypoint: ['x'],
      Cmd: null,
      Volumes: { '/v': {} },
    },
    ...{
      WorkingDir: '/',
      Labels: { a: 'b', __proto: 'c' },
      StopSignal: 'SIGTERM',
      OnBuild: ['RUN x'],
      Shell: ['sh', '-c'],
    },
    Healthcheck: { Test: ['CMD', 'x'], Interval: 1e9, Retries: 3 },
  },
  rootfs: { type: 'layers', diff_ids: [digest, digest] },
  history: [
    { created: '2026-01-01T00:00:00Z', created_by: 'RUN x # buildkit', empty_layer: true },
    { comment: 'c' },
  ],
};
const result = {
  ...{
    keys: [digest],
    content: digest,
    diffID: digest,
    size: 1,
    created: '2026-01-01T00:00:00Z',
    seconds: 1,
  },
  ...{ description: 'RUN x', used: '2026-01-01T00:00:00.000Z', trees: digest },
};

const configs: FuzzTarget = {
  name: 'config',
  corpus: () =>
    documents(
      sound,
      {
        ...sound,
        'slipway.cache.v1': {
          version: 1,
          results: [
            { ...result, layer: 0 },
            { ...result, layer: digest },
          ],
        },
      },
      {
        rootfs: {},
      },
    ),
  words: jsonWords,
  run(input) {
    const read = parseConfig(input);
    const own = {
      os: read.os,
      architecture: read.architecture,
      ...(read.variant ? { variant: read.variant } : {}),
    };
    formatPlatform(normalizePlatform(own));
    matchPlatform([{ platform: own }], platform);
    matchHistory(read.history, read.rootfs.diff_ids.length);
    for (const text of read.config?.Env ?? []) text.split('=');
    decodeInlineCache(read, read.rootfs.diff_ids.map(() => blob) as never);
  },
};

const cache = {
  version: 1,
  layers: [{ diffID: digest, forms: [{ blob, made: 'gzip default' }] }],
  results: [result],
  mounts: [
    { id: 'm', mode: 493, uid: 0, gid: 0, shape: digest, blobs: [blob], used: '2026-01-01T00:00:00Z' },
  ],
  trees: [blob],
};
const tree = { version: 1, trees: { [digest]: { a: { b: digest, c: 'x' }, d: 'e' } } };

const keyContext = {
  ...{ texts: { before: '', after: '' }, readsContext: false, contexts: [] },
  isArgument: () => true,
};

const caches: FuzzTarget = {
  name: 'cache',
  corpus: () => documents(cache, { ...cache, results: [result, result] }, tree),
  words: jsonWords,
  run(input) {
    if (input.includes('"trees":{')) {
      const trees = [...decodeKeyTrees(input).values()];
      for (const one of trees) compareKeys(one, trees[0]!, keyContext);
      return;
    }
    const read = decodeCacheConfig(input);
    const bounds = { now: Date.UTC(2026, 0, 2), maxAge: 1e9, maxSize: 1e9 };
    mergeCaches(read, decodeCacheConfig(Buffer.from(JSON.stringify(cache))), bounds);
  },
};

const part = Buffer.from('{"a":1}');
const partDigest = digestOf(part);

/** Damaged ones are none; what is read is what would be written. */
const indexes: FuzzTarget = {
  name: 'gha-index',
  corpus: () =>
    [[], [part]].map((inline) =>
      encodeGhaIndex({
        document: { bytes: part, mediaType: manifestType, digest: partDigest },
        inline: new Map(inline.map((bytes) => [partDigest, bytes])),
        places: new Map([[digest as typeof partDigest, { pack: 'slipway-pack-a-0', offset: 7, size: 10 }]]),
      }),
    ),
  words: jsonWords,
  run(input) {
    const read = decodeGhaIndex(input);
    if (!read) return;
    for (const [named, bytes] of [...read.inline, [read.document.digest, read.document.bytes] as const])
      must(digestOf(bytes) === named, 'a document of the index is what it is called');
    for (const { offset, size } of read.places.values())
      must(offset >= 0 && size >= 0, 'a blob lies in its pack');
    must(decodeGhaIndex(encodeGhaIndex(read)) !== undefined, 'what was read can be read again');
  },
};

const url = new URL('https://r.example.com/v2/a');
const controls = /[\0-\x08\n-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

const words: FuzzTarget = {
  name: 'words',
  corpus: () =>
    texts(
      'Bearer realm="https://auth.example.com/token",service="r",scope="repository:a/b:pull"',
      'Basic realm=plain, Bearer realm="x\\"y", Negotiate',
      '{"errors":[{"code":"DENIED","message":"no \\u001b[31m"}]}',
      '120',
      'Wed, 21 Oct 2026 07:28:00 GMT',
      '<html>\u001b]0;title\u0007\u009b31m text \u001b[?25l \u001bP1$r\u001b\\ \u202e',
      `${hex.slice(0, 40)}\trefs/heads/main\nref: refs/heads/main\tHEAD\n${hex.slice(0, 40)}\trefs/tags/v1^{}\n`,
    ),
  words: [
    '\x1b[',
    '\x1b]0;',
    '\x07',
    '\x9b',
    '\x1bP',
    '"',
    '\\',
    ',',
    '=',
    '%',
    '\u2066',
    '\r\n',
    '\t',
    '; rel="next"',
    '<',
  ],
  run(input) {
    const text = input.toString('utf8');
    parseChallenges(text);
    parseRetryAfter(text, 0);
    const head = {
      status: 400 + (input.length % 120),
      headers: { 'content-type': text.slice(0, 50) },
      url,
      foreign: false,
    };
    const answer = { ...head, bytes: input, truncated: false };
    const said = failureWords(answer);
    must(!controls.test(said.text), 'the words of a registry have a control character');
    failure(answer, { registry: 'r', what: 'x', absent: 'ERR_IMAGE_NOT_FOUND' });
    must(!controls.test(cleanText(text)), 'cleaned words have a control character');
    for (const clean of [harmless, harmlessName])
      must(!controls.test(clean(text)), 'harmless text has a control character');
    must(!controls.test(harmlessLines(text).replaceAll('\n', '')), 'harmless lines have a control character');
    chooseRef(text, 'v1');
    nameOfUrl(text);
  },
};

const references: FuzzTarget = {
  name: 'reference',
  corpus: () =>
    texts(
      'busybox',
      `localhost:5000/a/b__c-d.e:tag@${digest}`,
      '[::1]:80/x',
      'linux/arm/v7',
      'windows(10.0)/amd64',
      'https://user:pass@example.com/a.git#main:sub',
      'git@example.com:a/b.git?branch=main&subdir=x&checksum=abc&submodules=false',
      'ssh://git@example.com:22/a.git#refs/tags/v1',
    ),
  words: [
    '/',
    ':',
    '@',
    '#',
    '?',
    '&',
    '%2e%2e',
    '..',
    'docker.io/',
    'library/',
    '--',
    '__',
    '@{',
    '\0',
    'A',
    'é',
    `@${digest}`,
  ],
  run(input) {
    const text = input.toString('utf8');
    attempt(() => {
      const read = parseReference(text);
      must(
        JSON.stringify(parseReference(formatReference(read))) === JSON.stringify(read),
        'a reference reads otherwise',
      );
      must(
        JSON.stringify(parseReference(familiarReference(read))) === JSON.stringify(read),
        'the short form of a reference reads otherwise',
      );
    });
    attempt(() => {
      const read = parsePlatform(text, { os: 'linux', architecture: 'amd64' });
      must(formatPlatform(normalizePlatform(read)) === formatPlatform(read), 'a platform is normal');
    });
    attempt(() => {
      const git = parseGitReference(text);
      if (git) must(!git.subdir.split('/').includes('..'), 'a folder of a repository leads out of it');
    });
    attempt(() => void gitLogin(parseGitRemote(text), async () => undefined));
  },
};

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as Error).name !== 'SlipwayError') throw error;
  }
}

export const documentTargets: FuzzTarget[] = [manifests, configs, caches, indexes, words, references];
