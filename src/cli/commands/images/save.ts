// `slipway save`: images as an archive.
import type { ArchiveFormat } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { groups, machineFlags, openCommand, outputFlag, platformFlag } from './machine-flags.ts';
import { refuseTerminalOutput } from './refuse-terminal.ts';
import { checkCount, readPlatform } from './usage.ts';

const flags = [
  outputFlag,
  {
    name: 'format',
    type: 'text',
    value: 'FORMAT',
    choices: ['docker-archive', 'oci-archive', 'docker-dir', 'oci-dir'],
    group: groups.output,
    help: 'docker-archive (the default: docker load reads it, and it is an OCI layout), oci-archive, or a folder: oci-dir, docker-dir',
  },
  platformFlag,
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'save',
  usage: 'slipway save [flags] IMAGE [IMAGE…]',
  description:
    'Writes images of the local store into one archive, which docker, podman, skopeo and slipway load. Layers that were not ' +
    'pulled yet are fetched. An image named by its ID is written without a name.',
  flags,
  examples: [
    { does: 'One image into a file', command: 'slipway save -o app.tar app:1.0' },
    { does: 'Straight into docker', command: 'slipway save app:1.0 | docker load' },
    { does: 'Several, as an OCI layout', command: 'slipway save --format oci-dir -o images app db' },
  ],
  notes: [],
  run: runSave,
};

async function runSave(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway save' });
  checkCount(given.positionals, { least: 1, usage: command.usage });
  const dest = given.texts.output ?? '-';
  if (dest === '-')
    refuseTerminalOutput(session, 'slipway save -o app.tar app, or pipe it: slipway save app | …');
  await engine.images.save(
    {
      images: given.positionals,
      format: (given.texts.format as ArchiveFormat | undefined) ?? 'docker-archive',
      dest,
      platform: await readPlatform(given.texts.platform),
      cwd: session.cwd,
      stdout: session.stdout,
    },
    { signal: session.signal, onEvent: () => {} },
  );
}
