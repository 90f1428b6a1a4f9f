// `slipway rmi`: removes images.
import { SlipwayError } from '../../../errors.ts';
import type { RemoveResult } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { groups, machineFlags, openCommand } from './machine-flags.ts';
import { checkCount } from './usage.ts';

const flags = [
  {
    name: 'force',
    short: 'f',
    type: 'boolean',
    group: groups.what,
    help: 'all names of an ID; what is not there is no error',
  },
  {
    name: 'no-prune',
    type: 'boolean',
    group: groups.what,
    help: 'take the names only: a prune deletes the rest',
  },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'rmi',
  usage: 'slipway rmi [flags] IMAGE [IMAGE…]',
  description:
    'Takes names of images away. What has no name left is deleted, but for what other images or the build cache share with it. ' +
    'An ID, which may be cut short, means the image with its name.',
  flags,
  examples: [
    { does: 'Remove a name', command: 'slipway rmi app:old' },
    { does: 'Remove an image with all its names', command: 'slipway rmi -f 4f1c2a' },
  ],
  notes: [],
  run: runRmi,
};

async function runRmi(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway rmi' });
  checkCount(given.positionals, { least: 1, usage: command.usage });
  const result = await engine.images.remove(
    {
      images: given.positionals,
      force: given.booleans.force ?? false,
      keepBlobs: given.booleans['no-prune'] ?? false,
    },
    { signal: session.signal },
  );
  const { familiarReference, parseReference } = await import('../../../index.ts');
  for (const { untagged, deleted } of result.removed) {
    for (const name of untagged)
      session.stdout.write(`Untagged: ${familiarReference(parseReference(name))}\n`);
    for (const digest of deleted) session.stdout.write(`Deleted: ${digest}\n`);
  }
  throwFailures(result);
}

/** One error says it all; of several, one is told that names them. */
function throwFailures({ failures }: RemoveResult): void {
  const [first, ...more] = failures;
  if (!first) return;
  if (more.length === 0 || !(first.error instanceof SlipwayError)) throw first.error;
  const messages = failures.map(({ error }) => (error as Error).message);
  throw new SlipwayError(first.error.code, messages.join('; '), {
    hint: first.error.hint,
    cause: first.error,
  });
}
