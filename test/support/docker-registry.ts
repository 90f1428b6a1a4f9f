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

function configuration(folder: string, host: string, hasLogin: boolean): string {
  const auth = hasLogin ? [`auth: {htpasswd: {realm: test, path: ${join(folder, 'htpasswd')}}}`] : [];
  return [
    'version: 0.1',
    'log: {level: error, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${join(folder, 'data')}}, delete: {enabled: true}}`,
    `http: {addr: "${host}"}`,
    ...auth,
    '',
  ].join('\n');
}

async function ready(host: string, child: ChildProcess): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    const up = await fetch(`http://${host}/v2/`).then(
      async (response) => {
        await response.arrayBuffer();
        return true;
      },
      () => false,
    );
    if (up) return;
    await delay(50);
  }
  throw new Error('docker-registry did not start');
}

/** `htpasswd`: a line `name:bcrypt` that is then required as the login. */
export async function startDockerRegistry(options: { htpasswd?: string } = {}): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  if (options.htpasswd) await writeFile(join(folder, 'htpasswd'), `${options.htpasswd}\n`);
  const file = join(folder, 'config.yml');
  await writeFile(file, configuration(folder, host, options.htpasswd !== undefined));
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
  try {
    await ready(host, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
}
