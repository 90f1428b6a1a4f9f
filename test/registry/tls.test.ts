import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { createClient, type RegistryOptions } from '../../src/registry/registry-source.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('TLS');
const { signal } = new AbortController();
const digest = digestOf('x');
const request = `HEAD /v2/app/blobs/${digest}`;
const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

async function certificate(dir: TempDir): Promise<{ key: string; cert: string; file: string }> {
  const [key, file] = [dir.file('key.pem'), dir.file('cert.pem')];
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const made = spawnSync(
    'openssl',
    ['req', '-x509', ...curve, '-keyout', key, '-out', file, '-days', '2', ...subject],
    { encoding: 'utf8' },
  );
  assert.is(made.status, 0, made.stderr);
  return { key: await readFile(key, 'utf8'), cert: await readFile(file, 'utf8'), file };
}

/** Asks a TLS server for a blob `times` in a row. */
async function ask(
  options: (host: string, file: string, dir: TempDir) => Partial<RegistryOptions>,
  times = 1,
): Promise<void> {
  await using dir = await tempDir();
  const { file, ...tls } = await certificate(dir);
  const server = await startScriptedServer(() => Array.from({ length: times }, () => ({ request })), tls);
  const retry = { sleep: async () => undefined };
  const client = createClient({
    env: { HOME: '/nonexistent' },
    retry,
    ...options(server.host, file, dir),
  });
  try {
    for (let i = 0; i < times; i++)
      assert.ok(await client.blobExists({ registry: server.host, repository: 'app' }, digest, signal));
    server.finished();
  } finally {
    await client.transport.close();
    await server.stop();
  }
}

test('a certificate that nobody vouches for is refused, with the remedy', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  await rejects(
    ask(() => ({})),
    'ERR_NETWORK',
    /not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)[\s\S]*NODE_EXTRA_CA_CERTS/,
  );
});

test('authorities from a file are trusted, and a loopback registry is found to speak TLS', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  await ask((_host, caFile) => ({ caFile }), 2);
  await ask((_host, file) => ({ env: { SLIPWAY_EXTRA_CA_CERTS: file } }));
});

test('an insecure host needs no trust', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  await ask((host) => ({ insecureHosts: [host] }));
});

test('a file without certificates is named', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  await rejects(
    ask(() => ({ caFile: '/nonexistent/ca.pem' })),
    'ERR_USAGE',
    /nonexistent\/ca\.pem/,
  );
  await using other = await tempDir();
  await writeFile(other.file('ca.pem'), 'no certificate');
  await rejects(
    ask(() => ({ caFile: other.file('ca.pem') })),
    'ERR_USAGE',
    /PEM/,
  );
});

test.run();
