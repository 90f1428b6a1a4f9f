import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { connectRegistries, type RegistryOptions } from '../../src/registry/connect.ts';
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
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:r.invalid'];
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
  const client = connectRegistries({
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

test("what the launcher kept from Node is trusted, and passed over where it can't be read", async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  await ask((_host, file) => ({ env: { SLIPWAY_UNREAD_CA_CERTS: file } }));
  await ask((_host, caFile) => ({ caFile, env: { SLIPWAY_UNREAD_CA_CERTS: '/nowhere.pem' } }));
});

test('an insecure host needs no trust', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  await ask((host) => ({ settings: { hosts: { [host]: { insecure: true } } } }));
});

test('folders of certificates are looked into as docker does, and one that is given', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  await using folder = await tempDir();
  await ask((host, file) => {
    for (const way of ['.docker/certs.d', '.config/containers/certs.d']) {
      const own = folder.file(way, host);
      mkdirSync(own, { recursive: true });
      copyFileSync(file, join(own, way.startsWith('.docker') ? 'ca.crt' : 'other.txt'));
    }
    return { env: { HOME: folder.path } };
  });
  await ask((_host, file, dir) => {
    copyFileSync(file, dir.file('any.crt'));
    return { settings: { certFolder: dir.path } };
  });
  await rejects(
    ask((_host, file, dir) => {
      copyFileSync(file, dir.file('mine.cert'));
      return { settings: { certFolder: dir.path } };
    }),
    'ERR_USAGE',
    /mine\.cert has no key beside it[\s\S]*mine\.key/,
  );
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

/** A proxy that answers every CONNECT with `status`, and leads to `target` where that is 200. */
async function startProxy(status: number, target: string) {
  const seen: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on('connect', (asked: IncomingMessage, socket: Duplex) => {
    seen.push(`${asked.url} ${asked.headers['proxy-authorization']}`);
    sockets.add(socket.on('error', () => undefined));
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [address, port] = target.split(':');
    const onward = connect(Number(port), address);
    sockets.add(onward.on('error', () => undefined));
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    return socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function askThrough(status: number): Promise<string[]> {
  await using dir = await tempDir();
  const { file, ...tls } = await certificate(dir);
  const server = await startScriptedServer(() => (status === 200 ? [{ request }] : []), tls);
  const proxy = await startProxy(status, server.host);
  const env = { HOME: '/nonexistent', HTTPS_PROXY: `http://us%65r:p%zz@${proxy.host}` };
  const retry = { sleep: async () => undefined };
  const client = connectRegistries({ env, caFile: file, retry });
  try {
    assert.ok(await client.blobExists({ registry: 'r.invalid', repository: 'app' }, digest, signal));
    server.finished();
    return proxy.seen;
  } finally {
    await client.transport.close();
    await proxy.stop();
    await server.stop();
  }
}

test('a registry is reached through the tunnel of a proxy, its certificate checked', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  const login = Buffer.from('user:p%zz').toString('base64');
  assert.equal(await askThrough(200), [`r.invalid:443 Basic ${login}`]);
});

test('a proxy that refuses is told as such', async () => {
  if (!requireFeature('openssl', hasOpenssl)) return;
  for (const status of [403, 407, 502])
    await rejects(askThrough(status), 'ERR_NETWORK', /r\.invalid: the proxy did not let the request through/);
});

test.run();
