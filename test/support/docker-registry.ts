// A real registry (the distribution project's `docker-registry`) on a free port of 127.0.0.1, with a folder of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface DockerRegistry {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** The folder in which it stores all that it has. */
  data: string;
  /** Puts other bytes where a blob lies. @param hex of its digest */
  overwriteBlob(hex: string, bytes: Buffer): Promise<void>;
  stop(): Promise<void>;
}

export function hasDockerRegistry(): boolean {
  return spawnSync('docker-registry', ['--version'], { stdio: 'ignore' }).status === 0;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface DockerRegistryOptions {
  /** A line `name:bcrypt` that is then required as the login. */
  htpasswd?: string;
  /** Paths of PEM files; clients need a certificate that `clientCA` signed, where it is given. */
  tls?: { certFile: string; keyFile: string; clientCA?: string };
}

function configuration(folder: string, host: string, { htpasswd, tls }: DockerRegistryOptions): string {
  const auth = htpasswd ? [`auth: {htpasswd: {realm: test, path: ${join(folder, 'htpasswd')}}}`] : [];
  const clients = tls?.clientCA ? `, clientcas: [${tls.clientCA}]` : '';
  const secure = tls ? `, tls: {certificate: ${tls.certFile}, key: ${tls.keyFile}${clients}}` : '';
  return [
    'version: 0.1',
    'log: {level: error, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${join(folder, 'data')}}, delete: {enabled: true}}`,
    `http: {addr: "${host}"${secure}}`,
    ...auth,
    '',
  ].join('\n');
}

/** Waits until it answers, one that speaks TLS with the word that it does; false where it ended: another process has taken the port meanwhile. */
async function ready(host: string, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const up = await fetch(`http://${host}/v2/`).then(
      async (response) => {
        await response.arrayBuffer();
        return true;
      },
      () => false,
    );
    if (up) return true;
    await delay(50);
  }
  return false;
}

export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  for (let tries = 5; tries > 0; tries--) {
    const registry = await start(`127.0.0.1:${await freePort()}`, options);
    if (registry) return registry;
  }
  throw new Error('docker-registry does not start');
}

async function start(host: string, options: DockerRegistryOptions): Promise<DockerRegistry | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const { htpasswd } = options;
  if (htpasswd) await writeFile(join(folder, 'htpasswd'), `${htpasswd}\n`);
  const file = join(folder, 'config.yml');
  await writeFile(file, configuration(folder, host, options));
  const child = spawn('docker-registry', ['serve', file], {
    stdio: 'ignore',
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const data = join(folder, 'data');
  const blobs = join(data, 'docker/registry/v2/blobs/sha256');
  const overwriteBlob = (hex: string, bytes: Buffer): Promise<void> =>
    writeFile(join(blobs, hex.slice(0, 2), hex, 'data'), bytes);
  if (await ready(host, child)) return { host, data, overwriteBlob, stop };
  await stop();
  return undefined;
}
