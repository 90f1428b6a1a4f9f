// Starts an unpacked image with runc, on the machine's own network, and waits for its answer over HTTP.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { requireFeature } from './require-feature.ts';
import { findProgram, mustRun, runCommand } from './run-command.ts';

export interface RunningBundle extends AsyncDisposable {
  /** The body of the page; waits until the server is up, for half a minute at most. */
  get(url: string): Promise<string>;
}

/** Whether bundles can be run here; the caller gives up where not. */
export function requireRunc(): boolean {
  return (
    requireFeature('root', process.getuid?.() === 0) &&
    requireFeature('runc', findProgram('runc') !== undefined)
  );
}

/** A port of 127.0.0.1 on which nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface BundleConfig {
  process: { terminal: boolean; env: string[] };
  linux: { namespaces: { type: string }[] };
  mounts: { destination: string }[];
}

/** Runs the bundle's command with `env` added. Disposing of it kills it. */
export async function runBundle(bundle: string, env: string[] = []): Promise<RunningBundle> {
  const path = join(bundle, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as BundleConfig;
  config.process.terminal = false;
  config.process.env.push(...env);
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
  config.mounts = config.mounts.filter(({ destination }) => destination !== '/sys/fs/cgroup');
  await writeFile(path, JSON.stringify(config));
  const id = `slipway-test-${randomUUID()}`;
  const child = spawn('runc', ['run', '--bundle', bundle, id], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, 'close');
  return {
    async get(url) {
      for (let left = 300; ; left--) {
        const body = await fetch(url).then(
          (response) => response.text(),
          () => undefined,
        );
        if (body !== undefined) return body;
        if (left === 0 || child.exitCode !== null) throw new Error(`no answer from ${url}: ${said}`);
        await delay(100);
      }
    },
    async [Symbol.asyncDispose]() {
      await runCommand(['runc', 'kill', id, 'KILL']);
      await ended;
      await mustRun(['runc', 'delete', '--force', id]);
    },
  };
}
