// What cost the seconds that steps ran for: by where it began, and by file.
import type { ReportedStep } from '../explain/cache-report.ts';
import type { Cause } from '../explain/explanation.ts';
import type { ReplayVariant } from '../replay/replay-result.ts';
import { counted } from './counted.ts';
import { isMiss, plainName, ranSeconds, timedOf } from './step-rows.ts';

export interface CauseLoss {
  /** `files of COPY . .`, `ARG VERSION`, … */
  name: string;
  kind: Cause['kind'];
  seconds: number;
  /** In how many rebuilds something ran because of it. */
  rebuilds: number;
  /** Steps that ran because of it, over all rebuilds. */
  steps: number;
  /** Of how many of them a time is known. */
  timed: number;
}

export interface FileLoss {
  path: string;
  /** Its share: where several files changed, each counts for the same part. */
  seconds: number;
  /** Seconds of the steps that ran for nothing else. */
  alone: number;
  rebuilds: number;
  /** Steps that ran because of it, and of how many of them a time is known. */
  steps: number;
  timed: number;
  /** The steps that read it. */
  readers: string[];
}

export interface Losses {
  /** The dearest first. */
  causes: CauseLoss[];
  files: FileLoss[];
  /** Of all steps that ran: what the causes sum up to. */
  seconds: number;
}

/** Of the rebuilds that count. A step that ran for several causes is divided among them in equal parts. */
export function lossesOf(variant: ReplayVariant): Losses {
  const causes = new Map<string, CauseLoss & { in: Set<number> }>();
  const files = new Map<string, FileLoss & { in: Set<number> }>();
  let total = 0;
  for (const [at, { steps }] of counted(variant).entries()) {
    for (const step of steps.filter(isMiss)) {
      const seconds = ranSeconds(step);
      total += seconds;
      const timed = timedOf([step]);
      const root = rootOf(step, steps);
      const groups = groupsOf(root);
      for (const [name, kind] of groups) {
        const loss = entry(causes, name, () => ({ name, kind, seconds: 0, rebuilds: 0, steps: 0, timed: 0 }));
        loss.seconds += seconds / groups.size;
        loss.steps++;
        loss.timed += timed;
        loss.in.add(at);
      }
      const paths = filesOf(root);
      for (const path of paths) {
        const loss = entry(files, path, () => ({
          ...{ path, seconds: 0, alone: 0, rebuilds: 0, steps: 0, timed: 0, readers: [] },
        }));
        loss.steps++;
        loss.timed += timed;
        loss.seconds += seconds / groups.size / paths.length;
        if (paths.length === 1 && groups.size === 1) loss.alone += seconds;
        loss.in.add(at);
        const reader = plainName(root);
        if (!loss.readers.includes(reader)) loss.readers.push(reader);
      }
    }
  }
  return { causes: ranked(causes), files: ranked(files), seconds: total };
}

function entry<T>(
  all: Map<string, T & { in: Set<number> }>,
  name: string,
  make: () => T,
): T & { in: Set<number> } {
  const known = all.get(name);
  if (known) return known;
  const made = { ...make(), in: new Set<number>() };
  all.set(name, made);
  return made;
}

function ranked<T extends { seconds: number; rebuilds: number }>(
  all: Map<string, T & { in: Set<number> }>,
): T[] {
  return [...all.values()]
    .map(({ in: rebuilds, ...loss }) => ({ ...(loss as unknown as T), rebuilds: rebuilds.size }))
    .sort((a, b) => b.seconds - a.seconds || b.rebuilds - a.rebuilds);
}

/** The step where it began that another one ran. */
export function rootOf(step: ReportedStep, steps: readonly ReportedStep[]): ReportedStep {
  return (step.root === null ? undefined : steps[step.root]) ?? step;
}

/** Names of the groups that a step's own causes fall into. */
function groupsOf(root: ReportedStep): Map<string, Cause['kind']> {
  const own = root.causes.filter(({ kind }) => kind !== 'parent');
  if (own.length === 0) return new Map([['unknown', 'unknown']]);
  return new Map(own.map((cause) => [groupName(cause, root), cause.kind]));
}

function groupName(cause: Cause, root: ReportedStep): string {
  const name = plainName(root);
  switch (cause.kind) {
    case 'file':
      return `files of ${name}`;
    case 'variable':
      return `${cause.argument ? 'ARG' : 'variable'} ${cause.name}`;
    case 'base':
      return `base image ${name.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/^FROM /, '')}`;
    case 'instruction':
      return 'instructions rewritten';
    case 'flag':
    case 'setting':
      return `${cause.name} changed`;
    case 'mount':
      return `mount at ${cause.target}`;
    default:
      return groupWords[cause.kind];
  }
}

const groupWords = {
  parent: 'another step',
  'no-cache': '--no-cache',
  'first-build': 'nothing built before',
  'new-step': 'new instructions',
  'not-stored': 'an earlier build that failed',
  pruned: 'pruned from the cache',
  'no-layer': 'a layer that a shared cache had not',
  expired: 'older than --cache-ttl',
  'not-asked': 'a cache that was not asked',
  unknown: 'unknown',
} as const;

/** Each path once: a file that was renamed under both names is one. */
function filesOf(root: ReportedStep): string[] {
  return [...new Set(root.causes.flatMap((cause) => (cause.kind === 'file' ? [cause.path] : [])))];
}
