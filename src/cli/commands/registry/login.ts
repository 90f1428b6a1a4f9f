// `slipway login`: tries a name and a password at a registry, and keeps them where Docker's tools do.
import { SlipwayError } from '../../../errors.ts';
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { flagGroups as groups } from '../flag-groups.ts';
import { readPassword, readWord } from './ask.ts';
import { registryWord } from './registry-word.ts';
import { directFlags, openEngine } from './shared.ts';

const own = [
  {
    name: 'username',
    short: 'u',
    type: 'text',
    value: 'NAME',
    group: groups.input,
    help: 'the name of the account',
  },
  {
    name: 'password',
    short: 'p',
    type: 'text',
    value: 'PASSWORD',
    group: groups.input,
    help: 'its password or access token; everybody on this machine can see it: better --password-stdin',
  },
  {
    name: 'password-stdin',
    type: 'boolean',
    group: groups.input,
    help: 'read the password from standard input',
  },
] as const satisfies readonly Flag[];
// The login is what is asked for.
const flags = [...own, ...directFlags.filter(({ name }) => name !== 'creds')] as const;

export const command: Command = {
  name: 'login',
  usage: 'slipway login [flags] [REGISTRY]',
  description:
    'Tries a login at a registry (docker.io where none is named) and keeps it: in the credential helper that the ' +
    'configuration names, else in ~/.docker/config.json, where docker, skopeo and others find it, too.',
  flags,
  examples: [
    {
      does: 'In CI, from a secret of the engine',
      command: 'printf %s "$TOKEN" | slipway login -u ci --password-stdin registry.example.com',
    },
    { does: 'By hand', command: 'slipway login registry.example.com' },
  ],
  notes: [
    {
      heading: 'Environment',
      lines: ['DOCKER_CONFIG (a folder), REGISTRY_AUTH_FILE (a file): where logins are kept.'],
    },
  ],
  run: runLogin,
};

async function runLogin(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(flags, argv, 'slipway login');
  const registry = registryWord(given.positionals, 'slipway login');
  const { password } = given.texts;
  const isPiped = given.booleans['password-stdin'] ?? false;
  if (password !== undefined && isPiped) {
    throw new SlipwayError('ERR_USAGE', '--password and --password-stdin are both given', {
      hint: 'leave out --password',
    });
  }
  if (isPiped && given.texts.username === undefined) {
    throw new SlipwayError('ERR_USAGE', '--password-stdin needs --username', {
      hint: `slipway login --username NAME --password-stdin ${registry}`,
    });
  }
  if (password !== undefined) {
    session.stderr.write(
      'warning: a password on the command line can be seen by everybody on this machine; --password-stdin reads it instead\n',
    );
  }
  const username = given.texts.username ?? (await readWord('Username: ', session));
  const secret = password ?? (await readPassword(isPiped ? undefined : 'Password: ', session));
  if (username === '' || secret === '' || username.includes(':')) {
    const what =
      username === '' ? 'the name is empty' : secret === '' ? 'the password is empty' : 'a name has no colon';
    throw new SlipwayError('ERR_USAGE', what, {
      hint: `slipway login --username NAME --password-stdin ${registry}`,
    });
  }
  const engine = await openEngine(given, session);
  const { keptIn, needed } = await engine.registries.login(
    { registry, login: { username, password: secret } },
    { signal: session.signal },
  );
  if (!needed)
    session.stderr.write(`warning: ${registry} asked for no login: whether it is right is not known\n`);
  session.stderr.write(`kept in ${keptIn}\n`);
  session.stdout.write('Login Succeeded\n');
}
