// What cases need of the machine.
import { accessSync, constants } from 'node:fs';
import { hasDockerRegistry } from '../support/docker-registry.ts';
import { hasGit } from '../support/git-server.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram } from '../support/run-command.ts';

/** `steps`: RUN can run; `cgroups`: those of steps can be limited. */
export type Feature = 'steps' | 'cgroups' | 'git' | 'registry' | 'xz' | 'bzip2' | 'zstd';
export type Needs = readonly Feature[];

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const checks: Record<Feature, () => boolean> = {
  steps: () =>
    process.platform === 'linux' && process.getuid?.() === 0 && findProgram('busybox') !== undefined,
  cgroups: () => ['memory', 'cgroup.subtree_control'].some((name) => isWritable(`/sys/fs/cgroup/${name}`)),
  git: hasGit,
  registry: hasDockerRegistry,
  xz: () => findProgram('xz') !== undefined,
  bzip2: () => findProgram('bzip2') !== undefined,
  zstd: () => findProgram('zstd') !== undefined,
};

/** Whether the machine has all of it; says what is missing. */
export function haveFeatures(needs: Needs): boolean {
  return needs.every((feature) => requireFeature(feature, checks[feature]()));
}
