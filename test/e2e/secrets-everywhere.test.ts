// One build that uses every kind of secret and every kind of output, and one that fails: no value is in anything that is stored, sent or shown.
import { mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { requireFeature } from '../support/require-feature.ts';
import { filesWith, formsOf } from '../support/secret-leaks.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';

const test = suite('e2e secrets everywhere');

const word = 'open/sesame+551?x';
const token = 'npm_Abc1Def2Ghi3Jkl4Mno5';
const line = 'MHcCAQEEIDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1oAoGCCqG';
const proxy = 'pr0xy-pass-1';
const values = [word, token, line, proxy];
const forms = values.flatMap(formsOf);

const key = `-----BEGIN EC PRIVATE KEY-----\n${line}\n-----END EC PRIVATE KEY-----\n`;
const mounts =
  'RUN --mount=type=secret,id=word,env=WORD --mount=type=secret,id=npmrc --mount=type=secret,id=key';
const uses = `${mounts} echo "$WORD" "$http_proxy"; cat /run/secrets/*; base64 /run/secrets/key >&2; printf %s "$WORD" | xxd -p`;

const asText = (data: unknown): string =>
  JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? Number(value) : value));

function checkTexts(texts: Readonly<Record<string, string>>): void {
  for (const [what, text] of Object.entries(texts))
    for (const form of forms) assert.not.ok(text.includes(form), `${what} has ${form}:\n${text}`);
}

async function surroundings(dockerfile: string) {
  const bench = await workbench({ Dockerfile: dockerfile });
  // Outside of what is looked at: it is the source.
  const given = `${bench.path}-given`;
  mkdirSync(given);
  writeFileSync(`${given}/npmrc`, `//registry.example.com/:_authToken=${token}\nalways-auth=true\n`);
  writeFileSync(`${given}/key`, key);
  const flags = [
    ...[
      '--secret=id=word,env=WORD',
      `--secret=id=npmrc,src=${given}/npmrc`,
      `--secret=id=key,src=${given}/key`,
    ],
    `--build-arg=http_proxy=http://bob:${proxy}@127.0.0.1:9`,
    ...['--provenance=mode=max', '--sbom=true'],
  ];
  const { rm } = await import('node:fs/promises');
  return { bench, flags, remove: () => rm(given, { recursive: true }) };
}

test('a build that uses secrets leaves them nowhere, in a registry, in caches, documents, traces and records', async () => {
  if (!requireWorkbench() || !requireFeature('docker-registry', hasDockerRegistry())) return;
  const { bench, flags, remove } = await surroundings(
    `FROM base\n${uses}\nRUN --mount=type=cache,target=/c ${uses.slice(4)}; date > /c/d\nCOPY Dockerfile /d\n`,
  );
  await using _bench = bench;
  const registry = await startDockerRegistry();
  await using receiver = await startOtlpReceiver();
  try {
    const said: Record<string, string> = {};
    for (const progress of ['plain', 'rawjson', 'tty']) {
      const { stdout, stderr } = await bench.build(
        [
          ...flags,
          ...[`--progress=${progress}`, '--no-cache', '--explain'],
          ...[`--iidfile=${bench.file('iid')}`, `--metadata-file=${bench.file('metadata.json')}`],
          ...[`--trace=${bench.file('trace.json')}`, `--cache-report=${bench.file('report.json')}`],
          ...[
            '-t',
            `${registry.host}/app:1`,
            '--output=type=registry',
            `--output=type=oci,dest=${bench.file('out.tar')}`,
          ],
          `--output=type=local,dest=${bench.file('out')}`,
          `--cache-to=type=registry,ref=${registry.host}/app:cache,mode=max`,
          `--cache-to=type=local,dest=${bench.file('cache')},mode=max,mounts=true`,
        ],
        { env: { WORD: word, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } },
      );
      Object.assign(said, { [`${progress} stdout`]: stdout, [`${progress} stderr`]: stderr });
    }
    assert.match(said['plain stderr']!, '*** http://bob:***@127.0.0.1:9');
    for (const words of [
      ['explain', '--json'],
      ['explain', '--list'],
      ['explain'],
      ['images', '--format', 'json'],
    ])
      said[words.join(' ')] = (await bench.slipway(words)).stdout;
    said['replay'] = asText(await bench.slipway(['explain', '--if-changed', 'Dockerfile']));
    said['spans'] = asText(receiver.spans);
    assert.ok(receiver.spans.length > 50);
    checkTexts(said);
    assert.equal(filesWith(forms, bench.path, registry.data), []);
  } finally {
    await registry.stop();
    await remove();
  }
});

for (const mode of ['error', 'warn', 'off']) {
  test(`a build that fails says none, in any progress, in its error, traces and records: --secret-check=${mode}`, async () => {
    if (!requireWorkbench()) return;
    // Where it may be in the Dockerfile, it is: names of steps have it.
    const typed = mode === 'error' ? '' : `RUN echo '${word}' > /f\n`;
    const { bench, flags, remove } = await surroundings(
      `FROM base\n${typed}${uses}; echo "$WORD" >&2; exit 3\n`,
    );
    await using _bench = bench;
    await using receiver = await startOtlpReceiver();
    try {
      const env = { WORD: word, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      const said: Record<string, string> = {};
      for (const progress of ['plain', 'rawjson', 'tty']) {
        const more = [
          `--progress=${progress}`,
          '--debug',
          `--secret-check=${mode}`,
          `--trace=${bench.file('trace.json')}`,
        ];
        const { code, stdout, stderr } = await bench.slipway(
          ['build', bench.base.flag, ...flags, ...more, bench.context],
          { env },
        );
        assert.is.not(code, 0);
        said[progress] = stdout + stderr;
      }
      said['explain'] = (await bench.slipway(['explain', '--json'])).stdout;
      said['spans'] = asText(receiver.spans);
      assert.match(said['plain']!, /exit code: 3/);
      assert.ok(receiver.spans.some(({ status }) => /exit code: 3/.test(status.message)));
      checkTexts(said);
      assert.equal(
        filesWith(forms, bench.path).filter(
          (path) => path !== `${bench.context}/Dockerfile` && !/\/(?:blobs|snapshots-v2)\//.test(path),
        ),
        [],
      );
    } finally {
      await remove();
    }
  });
}

test.run();
