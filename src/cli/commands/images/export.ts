// `slipway export`: the files of an image as a tar.
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { machineFlags, openCommand, outputFlag, platformFlag } from './machine-flags.ts';
import { refuseTerminalOutput } from './refuse-terminal.ts';
import { checkCount, readPlatform } from './usage.ts';

const flags = [outputFlag, platformFlag, ...machineFlags] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'export',
  usage: 'slipway export [flags] IMAGE',
  description: 'Writes the files that a container of the image begins with, its layers merged, as one tar.',
  flags,
  examples: [
    { does: 'Into a file', command: 'slipway export -o root.tar app' },
    { does: 'Unpacked', command: 'slipway export app | tar -C root -x' },
  ],
  notes: [],
  run: runExport,
};

async function runExport(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway export' });
  checkCount(given.positionals, { least: 1, most: 1, usage: command.usage });
  const dest = given.texts.output ?? '-';
  if (dest === '-') refuseTerminalOutput(session, 'slipway export -o root.tar app, or pipe it: … | tar -x');
  await engine.images.export(
    {
      image: given.positionals[0]!,
      dest,
      platform: await readPlatform(given.texts.platform),
      cwd: session.cwd,
      stdout: session.stdout,
    },
    { signal: session.signal, onEvent: () => {} },
  );
}
