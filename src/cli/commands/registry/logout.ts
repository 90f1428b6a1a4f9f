// `slipway logout`: forgets a login.
import { parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { registryWord } from './registry-word.ts';
import { commonFlags, openEngine } from './shared.ts';

/** No registry is asked. */
const flags = commonFlags.filter(({ name }) =>
  ['authfile', 'config', 'debug', 'help', 'root'].includes(name),
);

export const command: Command = {
  name: 'logout',
  usage: 'slipway logout [flags] [REGISTRY]',
  description:
    'Removes the login for a registry (docker.io where none is named) from where slipway login keeps it.',
  flags,
  examples: [{ does: 'Forget a registry', command: 'slipway logout registry.example.com' }],
  notes: [],
  run: runLogout,
};

async function runLogout(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(flags, argv, 'slipway logout');
  const registry = registryWord(given.positionals, 'slipway logout');
  const engine = await openEngine(given, session);
  const known = await engine.registries.logout(registry, { signal: session.signal });
  session.stdout.write(
    known ? `Removed the login credentials for ${registry}\n` : `Not logged in to ${registry}\n`,
  );
}
