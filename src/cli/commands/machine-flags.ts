// Flags that mean the same for every command that runs steps.
import { isolations, levels, snapshotters } from './machine-choices.ts';

export const isolationFlag = {
  name: 'isolation',
  type: 'text',
  value: 'HOW',
  choices: isolations,
  help: 'what runs steps: crun or runc (oci), the built-in sandbox, the sandbox in a user namespace (rootless; who is not root has one anyway), no more than a chroot, or the first that works, sandbox first (default: $SLIPWAY_ISOLATION, else auto)',
} as const;

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
  choices: snapshotters,
  help: 'how layers become files: overlay (unpacked), copy, erofs (mounted as they are), or auto: large layers mounted and small ones unpacked where Linux can, else overlay where it works, else copy (default: $SLIPWAY_SNAPSHOTTER, else auto)',
} as const;
