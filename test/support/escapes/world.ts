// What lies outside of a step, as attempts find it, and what became of it: files, processes, sockets, keys, settings.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

const nodes = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** Questions answer with what is not as it was; undefined: nothing. */
export interface World extends AsyncDisposable {
  mark: string;
  /** What the secret file holds. */
  secret: string;
  /** For scripts. */
  variables: Readonly<Record<string, string>>;
  read(path: string): string;
  kernelLog(): string;
  changedNodes(): string | undefined;
  changedModules(): string | undefined;
  changedSetting(path: string): string | undefined;
  changedFile(path: string): string | undefined;
  changedReleaseAgent(): string | undefined;
  changedNetwork(): string | undefined;
  changedContext(): string | undefined;
  changedSecret(): string | undefined;
  changedBlobs(): string | undefined;
  madeCgroup(): string | undefined;
  madeInVictim(name: string): string | undefined;
  leaked(): string | undefined;
  hasKey(name: string): boolean;
  clockMoved(): string | undefined;
  victimProblem(): string | undefined;
  survivors(name: string): string | undefined;
  reached(what: 'socket' | 'abstract socket'): string | undefined;
  /** Everything is now as it should stay. */
  begin(): void;
  /** Settings are put back, and what attempts made is removed: of insecure steps. */
  mend(): void;
}

export interface WorldPlaces {
  /** An empty folder, outside of all that a build may read. */
  folder: string;
  context: string;
  /** The state folder. */
  state: string;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const settings = [
  ...['kernel/core_pattern', 'kernel/modprobe', 'vm/stat_interval', 'net/ipv4/ip_forward', 'kernel/printk'],
  ...['fs/protected_symlinks', 'kernel/ctrl-alt-del', 'kernel/hostname', 'kernel/domainname'],
];

const command = (...argv: string[]): string => {
  try {
    return execFileSync(argv[0]!, argv.slice(1), { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
};

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

const shapeOf = (folder: string): string =>
  [...filesBelow(folder)]
    .map((path) => {
      const { mode, uid, mtimeMs } = lstatSync(path);
      return [path, mode, uid, mtimeMs, createHash('sha256').update(readFileSync(path)).digest('hex')].join(
        ' ',
      );
    })
    .sort()
    .join('\n');

const nodeStates = (): string =>
  nodes
    .map((name) => {
      const { mode, uid, gid, rdev } = statSync(`/dev/${name}`);
      return [name, mode.toString(8), uid, gid, rdev].join(' ');
    })
    .join('\n');

const network = (): string =>
  `${command('ip', '-o', 'addr')}${command('ip', 'route', 'show', 'table', 'all')}`;
const steady = (text: string): string => text.replace(/(valid|preferred)_lft \S+/g, '');

const agents = (): string =>
  ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`)]
    .flatMap((group) => ['release_agent', 'notify_on_release'].map((name) => read(`${group}/${name}`)))
    .join('|');

const difference = (what: string, before: string, now: string): string | undefined =>
  before === now
    ? undefined
    : `${what} was ${JSON.stringify(before.slice(0, 200))}, is ${JSON.stringify(now.slice(0, 200))}`;

function startVictim(mark: string): ChildProcess {
  return spawn('perl', ['-e', 'sleep 1 while 1', `${mark}-victim`], { stdio: 'ignore' });
}

/** Says "at" to whoever asks, and then each time that somebody connects. */
async function listenAbstract(mark: string, onConnect: () => void): Promise<ChildProcess> {
  const script = `$| = 1; socket(S, 1, 1, 0); bind(S, pack('S a*', 1, "\\0$ARGV[0]")) or die; listen(S, 9); print '.'; while (accept(C, S)) { print '!'; close C }`;
  const child = spawn('perl', ['-e', script, mark], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  child.stdout!.on('data', onConnect);
  return child;
}

const listen = (server: Server, at: string | number): Promise<void> =>
  new Promise((resolve) => {
    if (typeof at === 'string') server.listen(at, resolve);
    else server.listen(at, '127.0.0.1', resolve);
  });

export async function createWorld({ folder, context, state }: WorldPlaces): Promise<World> {
  const mark = `sw${randomBytes(4).toString('hex')}`;
  const secret = `the secret of ${randomBytes(12).toString('hex')}`;
  mkdirSync(join(folder, 'victim'), { recursive: true });
  writeFileSync(join(folder, 'secret'), `${secret}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'agent'), '#!/bin/sh\n', { mode: 0o755 });
  const victim = startVictim(mark);
  const connected = new Set<string>();
  const abstract = await listenAbstract(mark, () => void connected.add('abstract socket'));
  const sockets = createServer((socket) => {
    connected.add('socket');
    socket.destroy();
  });
  await listen(sockets, join(folder, 'socket'));
  const ports = createServer((socket) => socket.destroy());
  await listen(ports, 0);
  const address = ports.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  command('perl', '-e', 'syscall(248, "user", $ARGV[0], "x", 1, -4)', mark);
  const segment = 0x51100000 + (Number.parseInt(mark.slice(2), 16) & 0xfffff);
  command('perl', '-e', `shmget(${segment}, 4096, 01666)`);
  const { dev } = statSync('/');
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  const look = () => ({
    nodes: nodeStates(),
    modules: read('/proc/modules').replace(/ \d+ .*/g, ''),
    settings: new Map(settings.map((path) => [path, read(`/proc/sys/${path}`)])),
    files: new Map(
      ['/etc/resolv.conf', '/etc/hosts', '/sys/kernel/uevent_helper'].map((path) => [path, read(path)]),
    ),
    agents: agents(),
    network: steady(network()),
    context: shapeOf(context),
    secret: shapeOf(folder),
    clock: Date.now() - performance.now(),
  });
  let before = look();
  const same = (map: ReadonlyMap<string, string>, path: string, now: string): string | undefined =>
    difference(path, map.get(path) ?? '', now);

  const world: World = {
    ...{ mark, secret, read },
    begin() {
      before = look();
    },
    variables: {
      ...{ HOST: folder, MARK: mark, VICTIM: `${victim.pid}`, PORT: `${port}` },
      ...{ DISK: `${major} ${minor}`, LINK: `${mark}l`, SEGMENT: `${segment}` },
    },
    kernelLog: () => command('dmesg'),
    changedNodes: () => difference('nodes', before.nodes, nodeStates()),
    changedModules: () =>
      difference('modules', before.modules, read('/proc/modules').replace(/ \d+ .*/g, '')),
    changedSetting: (path) => same(before.settings, path, read(`/proc/sys/${path}`)),
    changedFile: (path) => same(before.files, path, read(path)),
    changedReleaseAgent: () => difference('release agents', before.agents, agents()),
    changedNetwork: () => difference('network', before.network, steady(network())),
    changedContext: () => difference('the context', before.context, shapeOf(context)),
    changedSecret: () => difference('the secret', before.secret, shapeOf(folder)),
    changedBlobs() {
      for (const path of filesBelow(join(state, 'blobs/sha256'))) {
        const name = path.slice(path.lastIndexOf('/') + 1);
        if (!/^[0-9a-f]{64}$/.test(name)) continue;
        const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
        if (digest !== name) return `blob ${name} is ${digest}`;
      }
      return undefined;
    },
    madeCgroup: () => {
      const folders = [
        '/sys/fs/cgroup',
        ...readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`),
      ];
      return folders.find((group) => existsSync(join(group, mark)));
    },
    madeInVictim: (name) => {
      const made = readdirSync(join(folder, 'victim'));
      return made.length > 0
        ? `${made.join(', ')} in the folder of the host (seen after ${name})`
        : undefined;
    },
    leaked() {
      for (const path of filesBelow(state))
        if (lstatSync(path).size < 1 << 24 && readFileSync(path).includes(secret))
          return `the secret is in ${path}`;
      return undefined;
    },
    hasKey: (name) => read('/proc/keys').includes(` ${name}: `),
    clockMoved: () =>
      Math.abs(Date.now() - performance.now() - before.clock) > 60_000 ? 'the clock moved' : undefined,
    victimProblem() {
      if (victim.exitCode !== null || victim.signalCode !== null) return 'the victim ended';
      const status = read(`/proc/${victim.pid}/status`);
      const tracer = /^TracerPid:\s*(\d+)/m.exec(status)?.[1];
      return /^State:\s*[SR]/m.test(status) && tracer === '0' ? undefined : `the victim is ${status}`;
    },
    survivors(name) {
      const left = readdirSync('/proc').filter(
        (pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`).includes(`${mark}-${name}\0`),
      );
      return left.length > 0 ? `processes ${left.join(', ')} are left` : undefined;
    },
    reached: (what) => (connected.has(what) ? `somebody came to the ${what}` : undefined),
    mend() {
      for (const [path, value] of before.settings)
        if (read(`/proc/sys/${path}`) !== value) writeFileSync(`/proc/sys/${path}`, value);
      for (const name of readdirSync(join(folder, 'victim')))
        rmSync(join(folder, 'victim', name), { recursive: true });
      const group = world.madeCgroup();
      if (group !== undefined) rmdirSync(join(group, mark));
      connected.clear();
      for (const name of [`${mark}-added`, `${mark}`])
        command(
          ...[
            'perl',
            '-e',
            'my $k = syscall(250, 10, -4, "user", $ARGV[0], 0); syscall(250, 9, $k, -4) if $k > 0',
            name,
          ],
        );
    },
    async [Symbol.asyncDispose]() {
      world.mend();
      command('perl', '-e', `shmctl(shmget(${segment}, 0, 0), 0, 0)`);
      victim.kill('SIGKILL');
      abstract.kill('SIGKILL');
      await Promise.all([sockets, ports].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
  return world;
}
