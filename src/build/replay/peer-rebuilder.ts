// Rebuilds by Buildah or Docker: the same method, with stores of the replay's own. What hit is read from their logs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { removeTree } from '../../fs/temp-dir.ts';
import { readBuildahLog, readBuildKitLog } from '../../replay/read-peer-log.ts';
import { loggedReport, rebuilt } from '../../replay/replay-build.ts';
import { errorLine, type Rebuilder, type RebuildJob } from './rebuilder.ts';
import type { ReplayRequest } from './replay-request.ts';
import { type TimedRun, timedProcess } from './timed-process.ts';

/** A builder's store that is at hand. */
interface PeerStore {
  build(words: readonly string[], signal: AbortSignal): Promise<TimedRun>;
  close(): Promise<void>;
}

interface Peer {
  version: string;
  /** @param folder empty; what is in it goes with the store */
  open(folder: string): Promise<PeerStore>;
  readLog: typeof readBuildahLog;
}

/** @throws ERR_UNSUPPORTED where the builder is not there or can't do what is asked */
export async function peerRebuilder(request: ReplayRequest): Promise<Rebuilder> {
  const { cache, runner, work } = request;
  if (cache.type === 'registry')
    throw new SlipwayError('ERR_UNSUPPORTED', `--builder ${request.builder} has no --cache registry here`, {
      hint: 'compare with --cache local or --cache none',
    });
  const peer = request.builder === 'buildah' ? await findBuildah(request) : await findDocker(request);
  const stores = new Map<number, PeerStore>();
  const open = async (variant: number): Promise<PeerStore> => {
    const known = stores.get(variant);
    if (known) return known;
    const folder = join(work, `${request.builder}-${variant}`);
    await mkdir(folder, { recursive: true });
    const store = await peer.open(folder);
    stores.set(variant, store);
    return store;
  };
  const drop = async (variant: number): Promise<void> => {
    await stores.get(variant)?.close();
    stores.delete(variant);
    await clear(join(work, `${request.builder}-${variant}`));
  };
  return {
    version: peer.version,
    async rebuild(job, signal) {
      if (runner === 'cold') await drop(job.variant);
      const store = await open(job.variant);
      const run = await store.build(wordsOf(request, job), signal);
      const outcome = run.code === 0 ? 'done' : 'failed';
      const error = outcome === 'failed' ? errorLine(run.log) : '';
      return rebuilt({ ...run, outcome, error }, loggedReport(peer.readLog(run.log)));
    },
    async close() {
      for (const store of stores.values()) await store.close();
      stores.clear();
      await unmountBelow(work);
    },
  };
}

/** Flags that all builders know. @throws ERR_UNSUPPORTED for others */
function wordsOf({ flags, cache, build }: ReplayRequest, { context, dockerfile }: RebuildJob): string[] {
  for (const flag of flags) {
    if (/^--(?:target|build-arg|label|build-context|platform|no-cache|add-host|secret)\b/.test(flag))
      continue;
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `${flag.replace(/=.*/, '')} is not passed on to other builders`,
      {
        hint: 'leave it out, or replay with --builder slipway',
      },
    );
  }
  const noCache = cache.type === 'none' && !build.noCache ? ['--no-cache'] : [];
  return [...flags, ...noCache, ...(dockerfile === undefined ? [] : ['--file', dockerfile]), context];
}

/** What `NAME --version` says. */
async function versionOf({ build }: ReplayRequest, program: string): Promise<string> {
  const options = { env: build.env, cwd: '/', signal: new AbortController().signal };
  const { log } = await timedProcess([program, '--version'], options).catch(() => {
    throw new SlipwayError('ERR_UNSUPPORTED', `${program} is not on PATH`, {
      hint: `install it, or leave out --builder`,
    });
  });
  return `${program} ${/version ([\w.+-]+)/.exec(log)?.[1] ?? log.trim()}`;
}

async function findBuildah(request: ReplayRequest): Promise<Peer> {
  const { env, cwd } = request.build;
  return {
    version: await versionOf(request, 'buildah'),
    readLog: readBuildahLog,
    async open(folder) {
      const store = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
      return {
        build: (words, signal) =>
          timedProcess(['buildah', ...store, 'build', '--layers', ...words], { env, cwd, signal }),
        close: async () => {},
      };
    },
  };
}

/** A daemon of the replay's own: the user's has caches that are not to be emptied. */
async function findDocker(request: ReplayRequest): Promise<Peer> {
  const version = await versionOf(request, 'docker');
  await versionOf(request, 'dockerd');
  await mustHaveBuildKit(request, version);
  if (process.getuid?.() !== 0)
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      '--builder docker starts a dockerd of its own, which needs root',
      {
        hint: 'run it as root, or in a virtual machine',
      },
    );
  const { cwd } = request.build;
  const env = {
    ...request.build.env,
    DOCKER_BUILDKIT: '1',
    DOCKER_HOST: undefined,
    DOCKER_CONTEXT: undefined,
  };
  return {
    version,
    readLog: readBuildKitLog,
    async open(folder) {
      const { client, close } = await startDaemon(folder, env);
      const flags = ['build', '--progress=plain', '--network=host'];
      return {
        async build(words, signal) {
          const run = await timedProcess([...client, ...flags, ...words], { env, cwd, signal });
          // The work is the daemon's.
          return { ...run, cpu: null, peakMemory: null };
        },
        close,
      };
    },
  };
}

/** Newer ones ask a plugin for it. */
async function mustHaveBuildKit({ build }: ReplayRequest, version: string): Promise<void> {
  if (Number(/^docker (\d+)/.exec(version)?.[1]) < 23) return;
  const options = { env: build.env, cwd: '/', signal: new AbortController().signal };
  if ((await timedProcess(['docker', 'buildx', 'version'], options)).code === 0) return;
  throw new SlipwayError('ERR_UNSUPPORTED', `${version} has no buildx`, {
    hint: 'install the plugin docker-buildx, or leave out --builder docker',
  });
}

async function startDaemon(
  folder: string,
  env: Record<string, string | undefined>,
): Promise<{ client: string[]; close(): Promise<void> }> {
  const at = (name: string): string => join(folder, name);
  await writeFile(at('daemon.json'), '{"builder": {"gc": {"enabled": false}}}');
  const log = openSync(at('daemon.log'), 'w');
  const folders = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
  const flags = [...folders, '--config-file', at('daemon.json'), '--bridge=none', '--iptables=false'];
  const host = `unix://${at('sock')}`;
  const child = spawn('dockerd', [...flags, '--host', host], { env, stdio: ['ignore', log, log] });
  const client = ['docker', '--host', host];
  const signal = new AbortController().signal;
  while ((await timedProcess([...client, 'version'], { env, cwd: '/', signal })).code !== 0) {
    if (child.exitCode !== null) {
      const said = (await readFile(at('daemon.log'), 'utf8')).trimEnd().split('\n').at(-1);
      throw new SlipwayError('ERR_RUNTIME', `dockerd does not start: ${said}`, {
        hint: 'leave out --builder docker, or run it where dockerd works',
      });
    }
    await delay(100);
  }
  return {
    client,
    async close() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function clear(folder: string): Promise<void> {
  await unmountBelow(folder);
  await removeTree(folder);
}

/** Builders leave mounts behind. */
async function unmountBelow(folder: string): Promise<void> {
  const table = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  const places = table.split('\n').map((line) => line.split(' ')[1] ?? '');
  const options = { env: {}, cwd: '/', signal: new AbortController().signal };
  // The deepest first.
  for (const place of places.filter((one) => one.startsWith(`${folder}/`)).reverse())
    await timedProcess(['/bin/umount', '--lazy', place], options).catch(() => undefined);
}
