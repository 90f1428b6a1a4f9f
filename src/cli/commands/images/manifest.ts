// `slipway manifest`: lists of images for several platforms.
import type { Command } from '../../session.ts';
import { helpFlags, runSubcommand, type Subcommands } from '../../subcommands.ts';

/** What is added here is a subcommand. */
const subcommands: Subcommands = {
  create: async () => (await import('./manifest-create.ts')).command,
  annotate: async () => (await import('./manifest-annotate.ts')).command,
  inspect: async () => (await import('./manifest-inspect.ts')).command,
  push: async () => (await import('./manifest-push.ts')).command,
  rm: async () => (await import('./manifest-rm.ts')).command,
};

export const command: Command = {
  name: 'manifest',
  usage: `slipway manifest ${Object.keys(subcommands).join('|')} …`,
  description:
    'Puts images of the local store or of registries together into a list for several platforms, which has a name like an image. ' +
    'slipway manifest COMMAND --help says more of each.',
  flags: helpFlags,
  passesOn: true,
  examples: [
    {
      does: 'One name for two platforms',
      command: 'slipway manifest create app:1.0 app:1.0-amd64 app:1.0-arm64',
    },
    { does: 'Send it to its registry', command: 'slipway manifest push registry.example.com/app:1.0' },
    { does: 'See the list', command: 'slipway manifest inspect app:1.0' },
  ],
  notes: [],
  run: (argv, session) => runSubcommand('manifest', subcommands, { argv, session }),
};
