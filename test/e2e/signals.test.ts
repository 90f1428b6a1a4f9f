// Ctrl-C, SIGTERM and SIGHUP while a command waits for somebody who says nothing: it ends, and leaves nothing.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { top } from '../support/cli.ts';
import { until } from '../support/step-bench.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e signals');
const ways = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

interface MuteServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** How many have asked something. */
  asked(): number;
}

/** Takes what it is asked, and never answers. */
async function muteServer(): Promise<MuteServer> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('data', () => asked++);
    socket.on('error', () => {});
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** With a standard input that nobody writes to. */
function start(bench: Workbench, args: readonly string[]): ChildProcess & { said(): string } {
  const child = spawn(process.execPath, [join(top, 'dist/cli/main.js'), ...args], {
    cwd: bench.context,
    env: {
      ...{ PATH: process.env['PATH'], HOME: bench.file('home'), TMPDIR: bench.file('temporary') },
      SLIPWAY_ROOT: bench.root,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return Object.assign(child, { said: () => said });
}

/** Whether the program has said what is to happen at signals (proc_pid_status(5)): Node by itself sees to the others, and not to SIGHUP. */
function catchesSignals(pid: number): boolean {
  try {
    const [, caught = '0'] =
      /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return (BigInt(`0x${caught}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

function assertNothingLeft(bench: Workbench): void {
  for (const folder of [bench.file('temporary'), join(bench.root, 'tmp')])
    assert.equal(existsSync(folder) ? readdirSync(folder) : [], [], folder);
}

const waitForServer: [title: string, args: (host: string) => string[]][] = [
  ['pull', (host) => ['pull', `${host}/a:1`]],
  ['push of a build', (host) => ['build', '--push', '-t', `${host}/a:1`, '-f', 'plain.Dockerfile', '.']],
  ['build on an image', (host) => ['build', `--build-arg=HOST=${host}`, '-f', 'from.Dockerfile', '.']],
  ['ADD of a URL', (host) => ['build', `--build-arg=HOST=${host}`, '-f', 'add.Dockerfile', '.']],
  ['build of a repository', (host) => ['build', `http://${host}/x.git`]],
  ['build of an archive behind a URL', (host) => ['build', `http://${host}/x.tar`]],
  ['import of a cache', (host) => ['build', `--cache-from=${host}/c:1`, '-f', 'plain.Dockerfile', '.']],
  ['copy', (host) => ['copy', `${host}/a:1`, `${host}/b:1`]],
  ['tags', (host) => ['tags', `${host}/a`]],
  ['search', (host) => ['search', host]],
  ['login', (host) => ['login', '-u', 'wilma', '-p', 'pebbles', host]],
  ['imagetools', (host) => ['imagetools', 'inspect', `${host}/a:1`]],
  ['lock', (host) => ['lock', `--build-arg=HOST=${host}`, '-f', 'from.Dockerfile', '.']],
];

test('a command that waits for a registry, a server or a repository ends at a signal', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    'plain.Dockerfile': 'FROM scratch\nCOPY plain.Dockerfile /\n',
    'from.Dockerfile': 'ARG HOST\nFROM $HOST/a/b:1\n',
    'add.Dockerfile': 'FROM scratch\nARG HOST\nADD http://$HOST/x /\n',
  });
  for (const folder of ['home', 'temporary']) await mkdir(bench.file(folder));
  for (const [index, [title, args]] of waitForServer.entries()) {
    await using server = await muteServer();
    const [signal, code] = ways[index % ways.length]!;
    const child = start(bench, args(server.host));
    const ended = once(child, 'close');
    await until(() => server.asked() > 0 || child.exitCode !== null);
    child.kill(signal);
    assert.equal(await ended, [code, null], `${title}: ${child.said()}`);
    assert.match(child.said(), `canceled: interrupted by ${signal}`, title);
    assertNothingLeft(bench);
  }
});

test('a command that waits for its standard input ends at a signal', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  for (const folder of ['home', 'temporary']) await mkdir(bench.file(folder));
  const commands = [
    ['build', '-'],
    ['build', '-f', '-', '.'],
    ['load'],
    ['import', '-', 'x:1'],
    ['lint', '-'],
    ['lsp', '--stdio'],
    ['login', '-u', 'wilma', '--password-stdin', 'registry.example.com'],
  ];
  for (const [index, args] of commands.entries()) {
    const [signal, code] = ways[index % ways.length]!;
    const child = start(bench, args);
    const ended = once(child, 'close');
    await until(() => catchesSignals(child.pid!) || child.exitCode !== null);
    child.kill(signal);
    assert.equal(await ended, [code, null], `${args.join(' ')}: ${child.said()}`);
    assertNothingLeft(bench);
  }
});

test('--timeout ends a build that waits for its standard input', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  for (const folder of ['home', 'temporary']) await mkdir(bench.file(folder));
  const child = start(bench, ['build', '--timeout=1', '-']);
  assert.equal(await once(child, 'close'), [124, null], child.said());
  assertNothingLeft(bench);
});

test.run();
