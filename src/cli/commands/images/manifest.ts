// `slipway manifest`: lists of images for several platforms. A subcommand is a command of its own, loaded when it is asked for.
import { SlipwayError } from '../../../errors.ts';
import type { Command, Session } from '../../session.ts';
import { suggestionHint } from '../../suggest.ts';

/** What is added here is a subcommand. */
const subcommands: Readonly<Record<string, () => Promise<Command>>> = {
  create: async () => (await import('./manifest-create.ts')).command,
  annotate: async () => (await import('./manifest-annotate.ts')).command,
  inspect: async () => (await import('./manifest-inspect.ts')).command,
  push: async () => (await import('./manifest-push.ts')).command,
  rm: async () => (await import('./manifest-rm.ts')).command,
};

const names = Object.keys(subcommands);

export const command: Command = {
  name: 'manifest',
  usage: `slipway manifest ${names.join('|')} …`,
  description:
    'Puts images of the local store or of registries together into a list for several platforms, which has a name like an image. ' +
    'slipway manifest COMMAND --help says more of each.',
  flags: [{ name: 'help', short: 'h', type: 'boolean', group: 'This machine', help: 'this text' }],
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
  run: runManifest,
};

async function runManifest(argv: readonly string[], session: Session): Promise<void> {
  const [word, ...rest] = argv;
  const load = word !== undefined && Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
  if (!load) {
    const what = word === undefined ? 'manifest needs a command' : `unknown command: manifest ${word}`;
    throw new SlipwayError('ERR_USAGE', what, { hint: suggestionHint(word ?? '', names) });
  }
  const sub = await load();
  if (rest.some((one) => one === '--help' || one === '-h')) {
    const { commandHelp } = await import('../../help.ts');
    session.stdout.write(commandHelp(sub, session.stdout.columns || 80));
    return;
  }
  await sub.run(rest, session);
}
