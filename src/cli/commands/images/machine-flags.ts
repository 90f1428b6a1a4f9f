// What every command on stored images takes: where the store is, how errors are shown.
import type { Engine } from '../../../index.ts';
import { type Arguments, type Flag, parseArguments } from '../../arguments.ts';
import type { Session } from '../../session.ts';
import { stateRoot } from '../../state-root.ts';

export const groups = { what: 'What', output: 'Output', machine: 'This machine' } as const;

export const machineFlags = [
  {
    name: 'root',
    type: 'text',
    value: 'DIR',
    group: groups.machine,
    help: 'the state folder: images, layers, cache (default: as for build)',
  },
  {
    name: 'debug',
    short: 'D',
    type: 'boolean',
    group: groups.machine,
    help: 'show stack traces with errors',
  },
  { name: 'help', short: 'h', type: 'boolean', group: groups.machine, help: 'this text' },
] as const satisfies readonly Flag[];

type MachineFlagName = (typeof machineFlags)[number]['name'];

export const platformFlag = {
  name: 'platform',
  type: 'text',
  value: 'OS/ARCH',
  group: groups.what,
  help: 'of an image that has several',
} as const satisfies Flag;

export const outputFlag = {
  name: 'output',
  short: 'o',
  type: 'text',
  value: 'PATH',
  group: groups.output,
  help: 'where to write it (default, and -: standard output)',
} as const satisfies Flag;

export interface OpenCommand<Name extends string> {
  given: Arguments<Name | MachineFlagName>;
  engine: Engine;
}

/** Reads the command line and opens the engine. @throws ERR_USAGE */
export async function openCommand<Name extends string>(
  flags: readonly Flag<Name>[],
  argv: readonly string[],
  { session, command }: { session: Session; command: string },
): Promise<OpenCommand<Name>> {
  const given = parseArguments<Name | MachineFlagName>(
    flags as readonly Flag<Name | MachineFlagName>[],
    argv,
    command,
  );
  session.failure.debug = given.booleans.debug ?? false;
  const { createEngine } = await import('../../../index.ts');
  const engine = createEngine({
    root: stateRoot(given.texts.root, session),
    ...{ isolation: 'auto', snapshotter: 'auto', parallelism: 1 },
    env: session.env,
  });
  return { given, engine };
}
