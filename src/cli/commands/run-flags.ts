// The flags of `slipway run` as data, named as docker's.
import type { Flag } from '../arguments.ts';
import { isolationFlag, requireFlag, snapshotterFlag } from './machine-flags.ts';
import { type RegistryFlagName, registryFlags } from './registry-flags.ts';
import { runLimitFlags } from './run-limit-flags.ts';
import { refusedRunFlags } from './run-refused-flags.ts';

const groups = {
  command: 'What runs',
  files: 'What it sees of files',
  limits: 'Network and limits',
  image: 'Which image',
  machine: 'This machine',
} as const;

const supported = [
  {
    name: 'env',
    short: 'e',
    type: 'list',
    value: 'NAME[=VALUE]',
    group: groups.command,
    help: 'set a variable; without a value it is that of the environment',
  },
  {
    name: 'env-file',
    type: 'list',
    value: 'PATH',
    group: groups.command,
    help: 'set the variables that the lines NAME=VALUE of a file give; --env goes over them',
  },
  {
    name: 'workdir',
    short: 'w',
    type: 'text',
    value: 'DIR',
    group: groups.command,
    help: 'the folder to start in',
  },
  {
    name: 'user',
    short: 'u',
    type: 'text',
    value: 'USER[:GROUP]',
    group: groups.command,
    help: 'who to run as: a name or a number',
  },
  {
    name: 'entrypoint',
    type: 'text',
    value: 'PROGRAM',
    group: groups.command,
    help: "the program, instead of the image's ENTRYPOINT and CMD; empty: none",
  },
  {
    name: 'interactive',
    short: 'i',
    type: 'boolean',
    group: groups.command,
    help: 'pass standard input on (default: it is empty)',
  },
  {
    name: 'rm',
    type: 'boolean',
    group: groups.command,
    help: 'always so: nothing is kept of what the command wrote to the image',
  },
  {
    name: 'privileged',
    type: 'boolean',
    group: groups.command,
    help: 'all capabilities, nothing of /proc and /sys hidden',
  },
  {
    name: 'volume',
    short: 'v',
    type: 'list',
    value: 'SRC:DST[:ro]',
    group: groups.files,
    help: 'show a file or folder of this machine; a relative one begins with ./ or ../',
  },
  {
    name: 'tmpfs',
    type: 'list',
    value: 'DIR[:size=SIZE]',
    group: groups.files,
    help: 'an empty folder in memory',
  },
  {
    name: 'read-only',
    type: 'boolean',
    group: groups.files,
    help: "the image's files can't be written to; volumes can",
  },
  {
    name: 'shm-size',
    type: 'text',
    value: 'SIZE',
    group: groups.files,
    help: 'size of /dev/shm, as in 256m (default: 64m)',
  },
  {
    name: 'network',
    type: 'text',
    value: 'MODE',
    choices: ['host', 'none'],
    group: groups.limits,
    help: "host: this machine's network (the default); none: the loopback alone",
  },
  {
    name: 'hostname',
    type: 'text',
    value: 'NAME',
    group: groups.limits,
    help: "the host's name (default: this machine's; slipway without a network)",
  },
  {
    name: 'add-host',
    type: 'list',
    value: 'NAME:IP',
    group: groups.limits,
    help: 'a line for /etc/hosts',
  },
  {
    name: 'ulimit',
    type: 'list',
    value: 'NAME=SOFT[:HARD]',
    group: groups.limits,
    help: 'a limit, as in nofile=1024:4096',
  },
  {
    name: 'platform',
    type: 'text',
    value: 'OS/ARCH',
    group: groups.image,
    help: 'which of the images of an index (default: for this machine)',
  },
  {
    name: 'pull',
    type: 'text',
    value: 'WHEN',
    choices: ['missing', 'always', 'never'],
    group: groups.image,
    help: 'ask the registry when the image is missing (the default), always or never',
  },
  {
    name: 'quiet',
    short: 'q',
    type: 'boolean',
    group: groups.image,
    help: 'do not tell that something is pulled',
  },
  {
    name: 'timeout',
    type: 'text',
    value: 'DURATION',
    group: groups.machine,
    help: 'stop after so long, pulling included: 90 (seconds), 1h30m',
  },
  {
    name: 'root',
    type: 'text',
    value: 'DIR',
    group: groups.machine,
    help: 'the state folder: images, layers, cache (default: as for build)',
  },
  { ...isolationFlag, group: groups.machine },
  { ...requireFlag, group: groups.machine },
  { ...snapshotterFlag, group: groups.machine },
  {
    name: 'debug',
    short: 'D',
    type: 'boolean',
    group: groups.machine,
    help: 'show stack traces with errors',
  },
  { name: 'help', short: 'h', type: 'boolean', group: groups.machine, help: 'this text' },
] as const satisfies readonly Flag[];

export type RunFlagName =
  | (typeof supported)[number]['name']
  | (typeof runLimitFlags)[number]['name']
  | RegistryFlagName;

export const runFlags: readonly Flag<RunFlagName>[] = [
  ...supported,
  ...runLimitFlags,
  ...registryFlags,
  ...(refusedRunFlags as readonly Flag<RunFlagName>[]),
];
