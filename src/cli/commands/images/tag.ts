// `slipway tag`: one more name for an image.
import type { Command } from '../../session.ts';
import { machineFlags, openCommand } from './machine-flags.ts';
import { checkCount } from './usage.ts';

export const command: Command = {
  name: 'tag',
  usage: 'slipway tag IMAGE NAME[:TAG]',
  description:
    'Gives an image of the local store one more name. Another image that has the name loses it, and stays without one.',
  flags: machineFlags,
  examples: [
    { does: 'A name for a registry', command: 'slipway tag app registry.example.com/team/app:1.0' },
    { does: 'A name for what has none', command: 'slipway tag 4f1c2a app:old' },
  ],
  notes: [],
  async run(argv, session) {
    const { given, engine } = await openCommand(machineFlags, argv, { session, command: 'slipway tag' });
    checkCount(given.positionals, { least: 2, most: 2, usage: command.usage });
    await engine.images.tag(given.positionals[0]!, given.positionals[1]!);
  },
};
