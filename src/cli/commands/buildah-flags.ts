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
] as const satisfies readonly Flag[];
