// Flags that mean the same for every command that runs steps.
import { levels } from './machine-choices.ts';

export const requireFlag = {
  name: 'require',
  type: 'text',
  value: 'LEVEL',
  choices: levels,
  help: 'run no step with less isolation: oci, sandbox, rootless, rootless-single or chroot, strongest first; oci makes auto take crun or runc (default: $SLIPWAY_REQUIRE_ISOLATION, else anything that works, see slipway doctor)',
} as const;

export const snapshotterFlag = {
  name: 'snapshotter',
  type: 'text',
  value: 'NAME',
  choices: ['auto', 'overlay', 'copy', 'erofs'],
  help: 'how layers become files: overlay (unpacked), copy, erofs (mounted as they are), or auto: large layers mounted and small ones unpacked where Linux can, else overlay where it works, else copy (default: $SLIPWAY_SNAPSHOTTER, else auto)',
} as const;
