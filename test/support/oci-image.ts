// Reads an OCI layout, a folder or a tar, and checks all that it says of itself: media types, sizes, digests, diffIDs,
// the number of history entries. Shares no code with src/: the judge must not.
import { execFileSync } from 'node:child_process';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import ssri from 'ssri';
import { extract, type Header } from 'tar-stream';

export interface ImageFile {
  type: NonNullable<Header['type']>;
  mode: number;
  uid: number;
  gid: number;
  mtime: Date;
  content: Buffer;
  /** Target of a link. */
  link: string;
  pax: Record<string, string>;
}

/** Files by absolute path; hard links share the object of what they link to. */
export type Files = Map<string, ImageFile>;

export interface ImageConfigJson {
  architecture: string;
  os: string;
  created?: string;
  config: Record<string, unknown> & {
    Env?: string[];
    Cmd?: string[];
    Entrypoint?: string[];
    User?: string;
    WorkingDir?: string;
    Labels?: Record<string, string>;
  };
  rootfs: { type: string; diff_ids: string[] };
  history: { created?: string; created_by?: string; empty_layer?: boolean; comment?: string }[];
}

export interface OciImage {
  index: { manifests: Descriptor[] };
  /** Of the manifest. */
  digest: string;
  manifest: {
    mediaType: string;
    config: Descriptor;
    layers: Descriptor[];
    annotations?: Record<string, string>;
  };
  config: ImageConfigJson;
  /** Each layer's own entries, lowest layer first. */
  layers: Files[];
  /** What a container sees. */
  files: Files;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string };
  annotations?: Record<string, string>;
}

type Blobs = Map<string, Buffer>;

/** Digests by ssri, another's code than what made them. */
const sha256 = (bytes: Buffer): string =>
  `sha256:${ssri.fromData(bytes, { algorithms: ['sha256'] }).hexDigest()}`;
const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';
const documents = [
  ...['index.json', 'oci-layout', 'blobs/', 'blobs/sha256/'],
  // For docker load.
  ...['manifest.json', 'repositories'],
];
const indexTypes = [`${OCI}.index.v1+json`, `${DOCKER}.distribution.manifest.list.v2+json`];
const manifestTypes = [`${OCI}.manifest.v1+json`, `${DOCKER}.distribution.manifest.v2+json`];
const configTypes = [`${OCI}.config.v1+json`, `${DOCKER}.container.image.v1+json`];
const layerTypes = [
  ...[`${OCI}.layer.v1.tar`, `${OCI}.layer.v1.tar+gzip`, `${OCI}.layer.v1.tar+zstd`],
  ...[`${DOCKER}.image.rootfs.diff.tar`, `${DOCKER}.image.rootfs.diff.tar.gzip`],
];

function uncompressed(stored: Buffer, mediaType: string): Buffer {
  if (mediaType.endsWith('gzip')) return gunzipSync(stored);
  if (!mediaType.endsWith('zstd')) return stored;
  return execFileSync('zstd', ['-dc'], { input: stored, maxBuffer: 1 << 30 });
}

/** Entries of a tar by their path as it stands there, in order. A path that stands there twice is an error. */
export async function readTar(source: Readable | Buffer): Promise<Files> {
  const files: Files = new Map();
  const reader = extract();
  const done = (async () => {
    for await (const entry of reader) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      const { name, type, mode, uid, gid, mtime, linkname, pax } = entry.header;
      if (files.has(name)) throw new Error(`the tar holds ${name} twice`);
      files.set(name, {
        type: type ?? 'file',
        mode: mode ?? 0,
        uid: uid ?? 0,
        gid: gid ?? 0,
        mtime: mtime ?? new Date(0),
        content: Buffer.concat(chunks),
        link: linkname ?? '',
        pax: (pax ?? {}) as Record<string, string>,
      });
    }
  })();
  (Buffer.isBuffer(source) ? Readable.from([source]) : source).pipe(reader);
  await done;
  return files;
}

async function readLayout(path: string): Promise<{ blobs: Blobs; index: Buffer; layout: Buffer }> {
  const blobs: Blobs = new Map();
  if (statSync(path).isDirectory()) {
    const folder = join(path, 'blobs/sha256');
    for (const name of readdirSync(folder)) blobs.set(`sha256:${name}`, readFileSync(join(folder, name)));
    return {
      blobs,
      index: readFileSync(join(path, 'index.json')),
      layout: readFileSync(join(path, 'oci-layout')),
    };
  }
  const entries = await readTar(createReadStream(path));
  const named = (name: string): Buffer => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`the layout has no ${name}`);
    return entry.content;
  };
  for (const [name, entry] of entries) {
    if (/^blobs\/sha256\/[0-9a-f]{64}$/.test(name)) blobs.set(`sha256:${name.slice(13)}`, entry.content);
    else if (!documents.includes(name)) {
      throw new Error(`the layout holds ${name}`);
    }
  }
  return { blobs, index: named('index.json'), layout: named('oci-layout') };
}

function expectThat(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}

function checkedBlob(blobs: Blobs, descriptor: Descriptor, mediaTypes: readonly string[]): Buffer {
  const bytes = blobs.get(descriptor.digest);
  expectThat(
    mediaTypes.includes(descriptor.mediaType),
    `media type ${descriptor.mediaType} of ${descriptor.digest}`,
  );
  expectThat(bytes !== undefined, `blob ${descriptor.digest} is missing`);
  expectThat(
    bytes.length === descriptor.size,
    `${descriptor.digest} has ${bytes.length} bytes, not ${descriptor.size}`,
  );
  return bytes;
}

/** Lays one layer over what lies below it: whiteouts first, then entries. */
function applyLayer(files: Files, layer: Files): void {
  const remove = (path: string, itself: boolean): void => {
    for (const key of [...files.keys()])
      if (key.startsWith(`${path}/`) || (itself && key === path)) files.delete(key);
  };
  const clean = (name: string): string =>
    `/${name
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/')}`;
  for (const name of layer.keys()) {
    const [, folder = '', base = ''] = /^(.*)\/([^/]*)$/.exec(clean(name)) ?? [];
    if (base === '.wh..wh..opq') remove(folder, false);
    else if (base.startsWith('.wh.')) remove(`${folder}/${base.slice(4)}`, true);
  }
  for (const [name, entry] of layer) {
    const path = clean(name);
    if (path.includes('/.wh.')) continue;
    const linked = entry.type === 'link' ? files.get(clean(entry.link)) : entry;
    expectThat(linked !== undefined, `${path} is a hard link to ${entry.link}, which is not there`);
    if (!(entry.type === 'directory' && files.get(path)?.type === 'directory')) remove(path, true);
    files.set(path, linked);
  }
}

/** @param platform `linux/arm64`, where the layout's image is an index; its first entry else. */
export async function readOciImage(path: string, platform?: string): Promise<OciImage> {
  const { blobs, index: indexBytes, layout } = await readLayout(path);
  expectThat(JSON.parse(layout.toString()).imageLayoutVersion === '1.0.0', 'the layout version is not 1.0.0');
  for (const [digest, bytes] of blobs)
    expectThat(sha256(bytes) === digest, `blob ${digest} holds something else`);
  const index = JSON.parse(indexBytes.toString()) as OciImage['index'];
  let descriptor = index.manifests[0];
  while (descriptor && indexTypes.includes(descriptor.mediaType)) {
    const inner = JSON.parse(
      checkedBlob(blobs, descriptor, [descriptor.mediaType]).toString(),
    ) as OciImage['index'];
    const fits = (d: Descriptor): boolean => `${d.platform?.os}/${d.platform?.architecture}` === platform;
    descriptor = platform === undefined ? inner.manifests[0] : inner.manifests.find(fits);
  }
  expectThat(descriptor !== undefined, 'the layout names no image');
  const manifest = JSON.parse(
    checkedBlob(blobs, descriptor, manifestTypes).toString(),
  ) as OciImage['manifest'] & { schemaVersion: number };
  expectThat(manifest.schemaVersion === 2, 'schemaVersion is not 2');
  expectThat(
    manifest.mediaType === descriptor.mediaType,
    'the manifest names another media type than its descriptor',
  );
  const family = descriptor.mediaType.startsWith(OCI) ? OCI : DOCKER;
  expectThat(
    [manifest.config, ...manifest.layers].every((one) => one.mediaType.startsWith(family)),
    "the manifest mixes the spec's media types with Docker's",
  );
  const config = JSON.parse(checkedBlob(blobs, manifest.config, configTypes).toString()) as ImageConfigJson;
  const diffIDs = config.rootfs.diff_ids;
  expectThat(config.rootfs.type === 'layers', 'rootfs.type is not layers');
  expectThat(diffIDs.length === manifest.layers.length, 'diff_ids and layers differ in number');
  const filled = config.history.filter((entry) => entry.empty_layer !== true).length;
  expectThat(
    filled === manifest.layers.length,
    `history says ${filled} layers, there are ${manifest.layers.length}`,
  );

  const layers: Files[] = [];
  const files: Files = new Map();
  for (const [position, layer] of manifest.layers.entries()) {
    const stored = checkedBlob(blobs, layer, layerTypes);
    const tar = uncompressed(stored, layer.mediaType);
    expectThat(sha256(tar) === diffIDs[position], `layer ${position} is not what its diffID says`);
    const entries = await readTar(tar);
    layers.push(entries);
    applyLayer(files, entries);
  }
  return { index, digest: descriptor.digest, manifest, config, layers, files };
}
