// BuildKit inside dockerd: a daemon of the benchmark's own, on a socket and in folders of its own, that is running before anything is timed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mustRun, runCommand } from '../../test/support/run-command.ts';
import type { Builder, BuildJob, Measured, Outcome, Session } from '../builder.ts';
import { mustMeasure } from '../measure.ts';
import { plainEnvironment } from '../slipway.ts';
import { unmountBelow } from './unmount-below.ts';

export interface DockerPrograms {
  dockerd: string;
  docker: string;
  /** With it, and the image store of containerd, there are OCI tars and shared caches. */
  buildx: string | undefined;
  /** Folders to look for containerd and its shim in, before PATH. */
  path: string[];
}

interface Daemon {
  /** Of dockerd and of its containerd. */
  pids: number[];
  stop(): Promise<void>;
}

async function startDaemon(folder: string, programs: DockerPrograms, env: Env): Promise<Daemon> {
  const at = (name: string): string => join(folder, name);
  const features = { 'containerd-snapshotter': programs.buildx !== undefined };
  await writeFile(at('daemon.json'), JSON.stringify({ features, builder: { gc: { enabled: false } } }));
  const flags = ['--config-file', at('daemon.json'), '--data-root', at('data'), '--exec-root', at('exec')];
  const network = ['--bridge=none', '--iptables=false', '--insecure-registry=127.0.0.0/8'];
  const log = openSync(at('daemon.log'), 'w');
  const child = spawn(
    programs.dockerd,
    [...flags, '--pidfile', at('pid'), '--host', `unix://${at('sock')}`, ...network],
    { env, stdio: ['ignore', log, log] },
  );
  const up = async (): Promise<boolean> => {
    const asked = await runCommand([programs.docker, '--host', `unix://${at('sock')}`, 'version'], { env });
    return asked.code === 0;
  };
  while (!(await up())) {
    if (child.exitCode !== null)
      throw new Error(`dockerd ended: ${readFileSync(at('daemon.log'), 'utf8').slice(-2000)}`);
    await delay(50);
  }
  return { pids: [child.pid!, ...childrenOf(child.pid!)], stop: () => stopDaemon(child, folder) };
}

async function stopDaemon(child: ChildProcess, folder: string): Promise<void> {
  const ended = child.exitCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGTERM');
  await ended;
  await unmountBelow(folder);
}

function childrenOf(parent: number): number[] {
  const isChild = (pid: string): boolean => {
    try {
      return new RegExp(`^PPid:\\s+${parent}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'latin1'));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && isChild(pid))
    .map(Number);
}

type Env = Record<string, string | undefined>;

function outputFlags(job: BuildJob): string[] {
  const { output, tag } = job;
  if (output.type === 'tar') return [`--output=type=oci,dest=${output.path}`];
  if (output.type === 'push') return [`--output=type=image,push=true,store=false,name=${output.ref}`];
  // As the others keep their layers.
  return [`--output=type=image,name=${tag},compression=uncompressed`];
}

const together = (one: Measured, two: Measured): Measured => ({
  ...{ ms: one.ms + two.ms, cpuMs: one.cpuMs + two.cpuMs },
  ...{ rss: Math.max(one.rss, two.rss), daemonRss: Math.max(one.daemonRss, two.daemonRss) },
});

/** @param forTar what stands for an OCI tar where there is no buildx: an archive without compression, or a push */
export async function dockerBuilder(programs: DockerPrograms, forTar: 'save' | 'push'): Promise<Builder> {
  const text = await mustRun([programs.dockerd, '--version']);
  const version = /version ([\d.]+)/.exec(text)?.[1] ?? text.trim();
  const { buildx } = programs;
  const note =
    forTar === 'save'
      ? 'has no OCI tar: `docker save`, an archive without compression, is timed instead'
      : 'has no OCI tar: `docker push` to the local registry, which compresses, is timed instead';
  return {
    ...{ kind: 'buildkit', version: `dockerd ${version}` },
    name: `buildkit (docker ${version}${buildx || forTar === 'save' ? '' : ', push'})`,
    notes: buildx ? ['buildx, containerd image store, no provenance'] : [note],
    async open(folder) {
      const config = join(folder, 'config/cli-plugins');
      await mkdir(config, { recursive: true });
      if (buildx) await symlink(buildx, join(config, 'docker-buildx'));
      const path = [...programs.path, process.env['PATH'] ?? ''].join(delimiter);
      const env = plainEnvironment({
        PATH: path,
        DOCKER_CONFIG: join(folder, 'config'),
        DOCKER_BUILDKIT: '1',
      });
      const daemon = await startDaemon(folder, programs, env);
      const client = [programs.docker, '--host', `unix://${join(folder, 'sock')}`];
      const run = (argv: readonly string[]) =>
        mustMeasure([...client, ...argv], { env, daemons: daemon.pids });
      const session = { run, folder, must: (argv: string[]) => mustRun([...client, ...argv], { env }) };
      return {
        build: (job) => (buildx ? buildWithBuildx(job, run) : buildPlain(job, forTar, run)),
        async archive(tag, file) {
          await session.must(['save', '--output', file, tag]);
          return `docker-archive:${file}`;
        },
        close: daemon.stop,
      } satisfies Session;
    },
  };
}

type Run = (argv: readonly string[]) => Promise<Outcome>;

async function buildWithBuildx(job: BuildJob, run: Run): Promise<Outcome> {
  const flags = ['--progress=plain', '--provenance=false', '--network=host', '--file', job.dockerfile];
  const cache = [
    ...(job.cacheFrom ? [`--cache-from=type=registry,ref=${job.cacheFrom}`] : []),
    ...(job.cacheTo ? [`--cache-to=type=registry,ref=${job.cacheTo},mode=max`] : []),
  ];
  const ran = await run(['buildx', 'build', ...flags, ...cache, ...outputFlags(job), job.context]);
  return job.output.type === 'tar' ? { ...ran, archive: `oci-archive:${job.output.path}` } : ran;
}

async function buildPlain(job: BuildJob, forTar: 'save' | 'push', run: Run): Promise<Outcome> {
  const { output } = job;
  const tag = output.type === 'push' ? output.ref : job.tag;
  const flags = ['--progress=plain', '--network=host', '--file', job.dockerfile, '--tag', tag];
  const cache = [
    ...(job.cacheFrom ? [`--cache-from=${job.cacheFrom}`] : []),
    ...(job.cacheTo ? ['--build-arg=BUILDKIT_INLINE_CACHE=1'] : []),
  ];
  const built = await run(['build', ...flags, ...cache, job.context]);
  if (job.cacheTo) {
    await run(['tag', tag, job.cacheTo]);
    await run(['push', job.cacheTo]);
  }
  if (output.type === 'store') return built;
  const isSave = output.type === 'tar' && forTar === 'save';
  const after = await run(isSave ? ['save', '--output', output.path, tag] : ['push', tag]);
  const archive = isSave ? `docker-archive:${output.path}` : `docker://${tag}`;
  return { ...together(built, after), log: built.log + after.log, archive };
}

/** Those in a folder that Debian packages were unpacked into, or the machine's own; undefined where they are missing. */
export function findDocker(prefix: string): DockerPrograms | undefined {
  const path = ['usr/bin', 'usr/sbin'].map((name) => join(prefix, name));
  const find = (name: string): string | undefined =>
    path.map((folder) => join(folder, name)).find((file) => existsSync(file));
  const [dockerd, docker] = [find('dockerd'), find('docker')];
  if (!dockerd || !docker) return undefined;
  const plugin = join(prefix, 'usr/libexec/docker/cli-plugins/docker-buildx');
  return { dockerd, docker, buildx: existsSync(plugin) ? plugin : undefined, path };
}
