// The flags of `slipway context`: its own, and those of build that say what is read.
import type { Flag } from '../arguments.ts';
import { type BuildFlagName, buildFlags } from './build-flags.ts';
import { registryFlags } from './registry-flags.ts';

const groups = { what: 'What is told', fix: 'Mending', output: 'Output' } as const;

export const ownContextFlags = [
  {
    name: 'why',
    type: 'list',
    value: 'PATH',
    group: groups.what,
    help: 'of this path of the context: what decided about it, and which steps read it',
  },
  { name: 'unused', type: 'boolean', group: groups.what, help: 'only what no step reads' },
  {
    name: 'depth',
    type: 'text',
    value: 'N',
    group: groups.what,
    help: 'show N levels of folders, and all that is in them (default: 3, and the largest of each; none that is alike throughout)',
  },
  {
    name: 'sort',
    type: 'text',
    value: 'BY',
    choices: ['name', 'size'],
    group: groups.what,
    help: 'name or size (default: name)',
  },
  {
    name: 'budget',
    type: 'list',
    value: 'WHAT=SIZE[,…]',
    group: groups.what,
    help: 'exit with 4 where more than that is kept (context) or read by no step (unused): context=50MB,unused=5%',
  },
  {
    name: 'fix',
    type: 'boolean',
    group: groups.fix,
    help: 'write an ignore file that leaves out what no step reads',
  },
  {
    name: 'diff',
    type: 'boolean',
    group: groups.fix,
    help: 'print what --fix would change, and change nothing',
  },
  { name: 'json', type: 'boolean', group: groups.output, help: 'all of it as JSON (docs/context.md)' },
] as const satisfies readonly Flag[];

const shared = [
  ...['file', 'target', 'from', 'build-arg', 'build-arg-file', 'build-context', 'platform', 'secret'],
  ...['source-policy-file', 'offline', 'allow', 'progress', 'debug', 'help', 'root'],
  ...registryFlags.map(({ name }) => name),
] as readonly BuildFlagName[];

export type ContextFlagName = BuildFlagName | (typeof ownContextFlags)[number]['name'];

export const contextFlags: readonly Flag<ContextFlagName>[] = [
  ...ownContextFlags,
  ...buildFlags.filter(({ name }) => shared.includes(name)),
];
