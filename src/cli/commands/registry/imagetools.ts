// `slipway imagetools`: indexes in registries, in the words of docker buildx imagetools.
import type { Command } from '../../session.ts';
import { helpFlags, runSubcommand, type Subcommands } from '../../subcommands.ts';

const subcommands: Subcommands = {
  create: async () => (await import('./imagetools-create.ts')).command,
  inspect: async () => (await import('./imagetools-inspect.ts')).command,
};

export const command: Command = {
  name: 'imagetools',
  usage: `slipway imagetools ${Object.keys(subcommands).join('|')} …`,
  description:
    'Puts images of registries together under one name, and shows what a registry has, as docker buildx imagetools does. ' +
    'Nothing is stored here. slipway imagetools COMMAND --help says more of each.',
  flags: helpFlags,
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
  run: (argv, session) => runSubcommand('imagetools', subcommands, { argv, session }),
};
