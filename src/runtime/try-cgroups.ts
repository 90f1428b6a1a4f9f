// Finds out which limits can be held here, by making a group with each.
import { readFileSync } from 'node:fs';
import { SlipwayError } from '../errors.ts';
import type { Resources } from '../oci/resources.ts';
import { parseHierarchies } from './cgroup-hierarchies.ts';
import { createStepCgroup } from './step-cgroup.ts';

/** Limits that nothing would notice. */
const trials = {
  memory: { memory: 2 ** 40 },
  cpu: { cpuPeriod: 100_000, cpuQuota: 100_000_000 },
  cpuset: { cpusetCpus: '0' },
  pids: { pids: 1_000_000 },
} as const satisfies Record<string, Resources>;

export interface LimitTrial {
  limit: keyof typeof trials;
  /** Why it can't be held. */
  problem?: string;
  remedy?: string | undefined;
}

/** @returns version: that of the hierarchy which has memory, or of any; undefined where there is none. */
export async function tryCgroups(): Promise<{ version: 1 | 2 | undefined; limits: LimitTrial[] }> {
  const limits: LimitTrial[] = [];
  for (const [limit, resources] of Object.entries(trials) as [LimitTrial['limit'], Resources][]) {
    try {
      await createStepCgroup({ resources, parent: undefined }).remove();
      limits.push({ limit });
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      const problem = error.message.replace(/^the step can't have limits: /, '');
      limits.push({ limit, problem, remedy: error.hint });
    }
  }
  return { version: version(), limits };
}

function version(): 1 | 2 | undefined {
  const [mounts, groups] = ['mountinfo', 'cgroup'].map((name) => readFileSync(`/proc/self/${name}`, 'utf8'));
  const found = parseHierarchies(mounts!, groups!);
  return (found.find(({ controllers }) => controllers.includes('memory')) ?? found[0])?.version;
}
