// `slipway imagetools`: indexes in registries, in the words of docker buildx imagetools. Subcommands are loaded when asked for.
import { SlipwayError } from '../../../errors.ts';
import type { Command, Session } from '../../session.ts';
import { suggestionHint } from '../../suggest.ts';

const subcommands: Readonly<Record<string, () => Promise<Command>>> = {
  create: async () => (await import('./imagetools-create.ts')).command,
  inspect: async () => (await import('./imagetools-inspect.ts')).command,
};
const names = Object.keys(subcommands);

export const command: Command = {
  name: 'imagetools',
  usage: `slipway imagetools ${names.join('|')} …`,
  description:
    'Puts images of registries together under one name, and shows what a registry has, as docker buildx imagetools does. ' +
    'Nothing is stored here. slipway imagetools COMMAND --help says more of each.',
  flags: [{ name: 'help', short: 'h', type: 'boolean', group: 'This machine', help: 'this text' }],
  passesOn: true,
  examples: [
    {
      does: 'One name for two platforms',
      command:
        'slipway imagetools create -t registry.example.com/app:1.0 registry.example.com/app:1.0-amd64 registry.example.com/app:1.0-arm64',
    },
    { does: 'See it', command: 'slipway imagetools inspect registry.example.com/app:1.0' },
  ],
  notes: [],
  async run(argv, session: Session) {
    const [word, ...rest] = argv;
    const load = word !== undefined && Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
    if (!load) {
      const what = word === undefined ? 'imagetools needs a command' : `unknown command: imagetools ${word}`;
      throw new SlipwayError('ERR_USAGE', what, { hint: suggestionHint(word ?? '', names) });
    }
    const sub = await load();
    if (rest.some((one) => one === '--help' || one === '-h')) {
      const { commandHelp } = await import('../../help.ts');
      session.stdout.write(commandHelp(sub, session.stdout.columns || 80));
      return;
    }
    await sub.run(rest, session);
  },
};
