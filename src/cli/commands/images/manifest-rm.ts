// `slipway manifest rm`: removes lists.
import type { Command } from '../../session.ts';
import { machineFlags, openCommand } from './machine-flags.ts';
import { checkCount } from './usage.ts';

export const command: Command = {
  name: 'manifest rm',
  usage: 'slipway manifest rm LIST [LIST…]',
  description: 'Removes lists of the local store. The images that have names of their own stay.',
  flags: machineFlags,
  examples: [{ does: 'Remove a list', command: 'slipway manifest rm app:1.0' }],
  notes: [],
  async run(argv, session) {
    const { given, engine } = await openCommand(machineFlags, argv, {
      session,
      command: 'slipway manifest rm',
    });
    checkCount(given.positionals, { least: 1, usage: command.usage });
    const removed = await engine.images.removeLists(given.positionals);
    session.stdout.write(removed.map((name) => `${name}\n`).join(''));
  },
};
