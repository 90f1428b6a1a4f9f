// The mounts of a RUN as rules look at them: type, target and source as they are written.
import type { RunInstruction } from '../../../dockerfile/instruction.ts';

export interface WrittenMount {
  type: string;
  target: string;
  from: string | undefined;
}

export function mountsOf({ mounts }: RunInstruction): WrittenMount[] {
  return mounts.map((mount) => {
    const fields = mount.split(',').map((field): [string, string] => {
      const equals = field.indexOf('=');
      return equals < 0 ? [field, ''] : [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)];
    });
    const value = (...keys: readonly string[]) => fields.find(([key]) => keys.includes(key))?.[1];
    return {
      type: value('type') ?? 'bind',
      target: value('target', 'dst', 'destination') ?? '',
      from: value('from'),
    };
  });
}

/** Whether a cache or a tmpfs is mounted on a folder whose path holds one of the parts. */
export function keepsOut(run: RunInstruction, ...parts: readonly string[]): boolean {
  return mountsOf(run).some(
    ({ type, target }) =>
      (type === 'cache' || type === 'tmpfs') && parts.some((part) => target.includes(part)),
  );
}
