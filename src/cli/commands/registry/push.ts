// `slipway push`: an image of the local store to its registry.
import { resolve } from 'node:path';
import { localPlatform, parsePlatform } from '../../../index.ts';
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { clearResultFile, writeResultFile } from '../../write-result-file.ts';
import { flagGroups as groups } from '../flag-groups.ts';
import { oneImage } from './image-words.ts';
import { commonFlags, openEngine, platformFlag, progressFlags, withProgress } from './shared.ts';

const own = [
  {
    name: 'all-tags',
    short: 'a',
    type: 'boolean',
    group: groups.input,
    help: 'every stored tag of the repository',
  },
  platformFlag,
  {
    name: 'digest-file',
    type: 'text',
    value: 'PATH',
    group: groups.result,
    help: 'write the digest of what was pushed to this file',
  },
] as const satisfies readonly Flag[];
const flags = [...own, ...progressFlags, ...commonFlags] as const;

export const command: Command = {
  name: 'push',
  usage: 'slipway push [flags] NAME[:TAG]',
  description:
    'Pushes an image of the local image store to the registry that its name says. Only what the registry lacks is sent; ' +
    'layers that another repository there has are mounted from it.',
  flags,
  examples: [
    {
      does: 'Name a built image after a registry, and push it',
      command:
        'slipway tag app:1.0 registry.example.com/team/app:1.0 && slipway push registry.example.com/team/app:1.0',
    },
  ],
  notes: [
    { heading: 'Output', lines: ['NAME: digest: DIGEST size: BYTES for each name, on standard output.'] },
  ],
  run: runPush,
};

async function runPush(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(flags, argv, 'slipway push');
  const name = oneImage(given.positionals, 'slipway push');
  const { platform } = given.texts;
  const file = given.texts['digest-file'] && resolve(session.cwd, given.texts['digest-file']);
  if (file) await clearResultFile(file, '--digest-file');
  const engine = await openEngine(given, session, name);
  const pushed = await withProgress(given, session, (onEvent) =>
    engine.registries.push(
      {
        name,
        allTags: given.booleans['all-tags'] ?? false,
        ...(platform === undefined ? {} : { platform: parsePlatform(platform, localPlatform(process)) }),
      },
      { signal: session.signal, onEvent },
    ),
  );
  for (const image of pushed) {
    const { digest, size } = image.descriptor;
    session.stdout.write(
      given.booleans.quiet ? `${image.name}\n` : `${image.name}: digest: ${digest} size: ${size}\n`,
    );
  }
  if (file) await writeResultFile(file, pushed.map(({ descriptor }) => descriptor.digest).join('\n'));
}
