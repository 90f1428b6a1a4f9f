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
    name: 'from',
    type: 'text',
    value: 'IMAGE',
    group: groups.input,
    help: 'build on this image instead of what the first FROM names',
  },
  {
    name: 'source-policy-file',
    type: 'text',
    value: 'PATH',
    group: groups.input,
    help: 'rules in the JSON of BuildKit: which images, URLs and repositories may be used, and what replaces them',
  },
  {
    name: 'unsetenv',
    type: 'list',
    value: 'NAME',
    group: groups.result,
    help: 'leave this variable out of the image; steps have it',
  },
  {
    name: 'unsetlabel',
    type: 'list',
    value: 'KEY',
    group: groups.result,
    help: 'leave out a label that base image or Dockerfile set',
  },
  {
    name: 'source-date-epoch',
    type: 'text',
    value: 'SECONDS',
    group: groups.result,
    help: 'when the image was made; steps see it as SOURCE_DATE_EPOCH',
  },
  {
    name: 'rewrite-timestamp',
    type: 'boolean',
    group: groups.result,
    help: 'no file of the new layers is younger than SOURCE_DATE_EPOCH',
  },
  {
    name: 'timestamp',
    type: 'text',
    value: 'SECONDS',
    group: groups.result,
    help: 'when the image was made, and all files of its new layers',
  },
  {
    name: 'created-annotation',
    type: 'boolean',
    group: groups.result,
    help: 'annotate the manifest with the time at which the image was made',
  },
  {
    name: 'omit-history',
    type: 'boolean',
    group: groups.result,
    help: 'leave the history out of the image',
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
