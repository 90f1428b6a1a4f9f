// The flags of `slipway bench`: its own, and those of `slipway build` that say what is built.
import type { Flag } from '../arguments.ts';
import { type BuildFlagName, buildFlags } from './build-flags.ts';

const groups = { history: 'What is replayed', how: 'How', output: 'What comes out' } as const;

const own = [
  {
    name: 'commits',
    type: 'text',
    value: 'A..B',
    group: groups.history,
    help: 'each commit of B that A does not have, first parents, the oldest first; one revision: all up to it',
  },
  {
    name: 'edits',
    type: 'text',
    value: 'FILE',
    group: groups.history,
    help: 'each line of FILE is an edit of a copy of PATH, and a rebuild; - reads standard input',
  },
  {
    name: 'variant',
    type: 'list',
    value: 'PATH',
    group: groups.history,
    help: 'this Dockerfile, too, over the same history, with a cache of its own',
  },
  {
    name: 'runner',
    type: 'text',
    value: 'warm|cold',
    choices: ['warm', 'cold'],
    group: groups.how,
    help: 'warm: one state folder through all builds (default). cold: each begins with an empty one, as in CI',
  },
  {
    name: 'cache',
    type: 'text',
    value: 'local|registry=REF|none',
    group: groups.how,
    help: 'local: the state folder alone (default). registry: REF is imported before each build, and exported to after it. none: no cache',
  },
  {
    name: 'dry',
    type: 'boolean',
    group: groups.how,
    help: 'run nothing: foretell hits and misses from keys alone',
  },
  {
    name: 'times',
    type: 'list',
    value: 'FILE',
    group: groups.how,
    help: 'for --dry: the JSON of a former replay says how long steps take and what they came to',
  },
  {
    name: 'builder',
    type: 'text',
    value: 'slipway|buildah|docker',
    choices: ['slipway', 'buildah', 'docker'],
    group: groups.how,
    help: 'whom to measure (default: slipway); others have stores of their own for it',
  },
  {
    name: 'out',
    type: 'text',
    value: 'DIR',
    group: groups.output,
    help: 'keep replay.json here, written after each build, report.md and report.html, and all that --resume needs',
  },
  {
    name: 'resume',
    type: 'boolean',
    group: groups.output,
    help: 'go on with the replay in --out that was stopped; the other flags are to be as they were',
  },
  {
    name: 'json',
    type: 'text',
    value: 'FILE',
    group: groups.output,
    help: 'the result for programs; - is standard output',
  },
  {
    name: 'markdown',
    type: 'text',
    value: 'FILE',
    group: groups.output,
    help: 'tables for a pull request; - is standard output',
  },
  {
    name: 'html',
    type: 'text',
    value: 'FILE',
    group: groups.output,
    help: 'one page with all of it, which needs no network; - is standard output',
  },
] as const satisfies readonly Flag[];

export type BenchFlagName = (typeof own)[number]['name'];

/** Of a build, but not of many: they say what is told of one, or where its caches are. */
const notOfReplays = new Set<string>([
  ...[
    'iidfile',
    'digest-file',
    'metadata-file',
    'cache-report',
    'explain',
    'progress',
    'quiet',
    'call',
    'check',
  ],
  ...['cache-from', 'cache-to', 'no-cache', 'logfile', 'logsplit', 'output', 'load', 'push', 'tag'],
  ...own.map(({ name }) => name),
]);

export const buildFlagsOfReplays = buildFlags.filter(({ name }) => !notOfReplays.has(name));

export const benchFlags: readonly Flag<BenchFlagName | BuildFlagName>[] = [...own, ...buildFlagsOfReplays];
