// Examines this machine for what builds need of it: by trials where there are any, and nothing that was known before is trusted.

import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { EngineOptions } from '../engine.ts';
import { createKoffiSys } from '../fs/koffi-sys.ts';
import { privateMode } from '../fs/private-folder.ts';
import { makeTempDir } from '../fs/temp-dir.ts';
import { checkCredentials } from '../registry/check-credentials.ts';
import { readHandlers } from '../runtime/binfmt.ts';
import { findCommand } from '../runtime/find-command.ts';
import { judgeLadder, type RungTrial } from '../runtime/judge-ladder.ts';
import { tryRuntimes } from '../runtime/probe.ts';
import { readFacts } from '../runtime/read-facts.ts';
import { tryCgroups } from '../runtime/try-cgroups.ts';
import { bestSnapshotter } from './choose-snapshotter.ts';
import { clockBehind, forgetProbes, withStateFolder } from './examine-state.ts';
import type { MachineReport, ProgramReport, SnapshotterReport, SystemReport } from './machine-report.ts';
import { createProbes } from './probes.ts';

const uses = {
  crun: '--isolation=oci',
  runc: '--isolation=oci, where there is no crun',
  unshare: 'trials of what the kernel allows; steps where the launcher may not be started',
  mount: 'the same',
  newuidmap: 'ranges of ids for builds without root',
  newgidmap: 'the same, for groups',
  git: 'contexts and ADD from Git repositories',
  zstd: 'layers with zstd compression',
} as const;

function programs(path: string): ProgramReport[] {
  const everywhere = `${path}:/usr/sbin:/sbin`;
  return Object.entries(uses).map(([name, use]) => ({ name, use, path: findCommand(name, everywhere) }));
}

function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function examineSystem(root: string): SystemReport {
  const linux = process.platform === 'linux';
  return {
    ...{ platform: process.platform, architecture: process.arch, kernel: release() },
    ...{ distribution: distribution(), node: process.versions.node },
    ...{ cores: availableParallelism(), memory: totalmem() },
    systemCalls: linux ? (createKoffiSys() ? 'koffi' : 'programs') : 'none',
    emulators: linux ? readHandlers()?.map(({ name }) => name) : [],
    clockBehind: clockBehind(root, Date.now()),
  };
}

async function examineSnapshotter(root: string, path: string): Promise<SnapshotterReport> {
  await forgetProbes(root);
  const probes = createProbes(root, path);
  const [kind, overlay, erofs] = [
    await bestSnapshotter(probes),
    await probes.overlay(),
    await probes.erofs(),
  ];
  return { kind, overlay: overlay.works, volatile: overlay.volatile, erofs };
}

async function tryAll(root: string, path: string): Promise<RungTrial[]> {
  if (process.platform !== 'linux') return [];
  await using scratch = await makeTempDir(join(root, 'tmp'), 'probe-');
  return await tryRuntimes({ path, scratch: scratch.path });
}

export async function examineMachine(options: EngineOptions): Promise<MachineReport> {
  const { root, env } = options;
  const path = env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const system = examineSystem(root);
  return withStateFolder(root, async (state) => {
    const works = state.problem === undefined;
    if (works) await mkdir(join(root, 'tmp'), { recursive: true, mode: privateMode });
    const [facts, trials, snapshotter, cgroups, credentials] = await Promise.all([
      readFacts(path, env),
      works ? tryAll(root, path) : [],
      works ? examineSnapshotter(root, path) : undefined,
      tryCgroups(),
      checkCredentials(env),
    ]);
    const used = trials.find((trial) => trial.works);
    const rungs = judgeLadder(trials, facts);
    return {
      ...{ system, facts, state, trials, rungs, used, snapshotter, cgroups },
      ...{ programs: programs(path), credentials },
    };
  });
}
