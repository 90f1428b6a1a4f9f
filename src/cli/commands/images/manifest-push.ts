// `slipway manifest push`: a list to a registry, with whatever of its images is not there.
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command } from '../../session.ts';
import { commonFlags, openEngine, progressFlags, withProgress } from '../registry/shared.ts';
import { groups } from './machine-flags.ts';
import { checkCount } from './usage.ts';

const own = [
  {
    name: 'purge',
    short: 'p',
    type: 'boolean',
    group: groups.what,
    help: 'take the list away here when it is pushed',
  },
] as const satisfies readonly Flag[];
const flags = [...own, ...progressFlags, ...commonFlags] as const;

export const command: Command = {
  name: 'manifest push',
  usage: 'slipway manifest push [flags] LIST [NAME]',
  description:
    'Pushes a list to the registry that its name, or NAME, says. Images of the list that the repository lacks are mounted, ' +
    'copied or sent first.',
  flags,
  examples: [
    {
      does: 'Push a list and keep nothing of it',
      command: 'slipway manifest push --purge registry.example.com/app:1.0',
    },
  ],
  notes: [{ heading: 'Output', lines: ['The digest of the list, on standard output.'] }],
  async run(argv, session) {
    const given = parseArguments(flags, argv, 'slipway manifest push');
    checkCount(given.positionals, { least: 1, most: 2, usage: command.usage });
    const [name = '', destination] = given.positionals;
    const engine = await openEngine(given, session, destination ?? name);
    const pushed = await withProgress(given, session, (onEvent) =>
      engine.registries.push(
        {
          ...{ name, allTags: false, purge: given.booleans.purge ?? false },
          ...(destination === undefined ? {} : { destination }),
        },
        { signal: session.signal, onEvent },
      ),
    );
    for (const { descriptor } of pushed) session.stdout.write(`${descriptor.digest}\n`);
  },
};
