// Flags of `slipway build` that buildah and kaniko have and docker has not.
import type { Flag } from '../arguments.ts';
import { flagGroups as groups } from './flag-groups.ts';

export const buildahFlags = [
  {
    name: 'build-arg-file',
    type: 'list',
    value: 'PATH',
    group: groups.input,
    help: 'values of ARGs from a file, NAME=VALUE or NAME on each line; --build-arg wins',
  },
  {
    name: 'squash',
    type: 'boolean',
    group: groups.result,
    help: 'one layer instead of all that this build adds to its base image',
  },
  {
    name: 'squash-all',
    type: 'boolean',
    group: groups.result,
    help: 'one layer in all: the base image is squashed, too',
  },
  {
    name: 'single-snapshot',
    type: 'boolean',
    group: groups.result,
    help: "kaniko's name for --squash",
  },
  {
    name: 'cache-ttl',
    type: 'text',
    value: 'DURATION',
    group: groups.cache,
    help: 'steps that ran longer ago run anew, as in 336h or 1h30m; 0: all of them',
  },
  {
    name: 'logfile',
    type: 'text',
    value: 'PATH',
    group: groups.report,
    help: 'write the progress to this file instead of the terminal, which gets errors alone',
  },
  {
    name: 'logsplit',
    type: 'boolean',
    group: groups.report,
    help: 'with --logfile: the steps of each platform go to a file of their own, PATH_OS_ARCH',
  },
] as const satisfies readonly Flag[];
