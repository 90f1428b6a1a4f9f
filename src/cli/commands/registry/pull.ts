// `slipway pull`: an image from a registry into the local store.

import { localPlatform, parsePlatform } from '../../../index.ts';
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { flagGroups as groups } from '../flag-groups.ts';
import { oneImage } from './image-words.ts';
import { commonFlags, openEngine, platformFlag, progressFlags, withProgress } from './shared.ts';

const own = [
  { name: 'all-tags', short: 'a', type: 'boolean', group: groups.input, help: 'every tag of the repository' },
  platformFlag,
  {
    name: 'all-platforms',
    type: 'boolean',
    group: groups.input,
    help: 'the whole index, with the images of all its platforms',
  },
] as const satisfies readonly Flag[];
const flags = [...own, ...progressFlags, ...commonFlags] as const;

export const command: Command = {
  name: 'pull',
  usage: 'slipway pull [flags] NAME[:TAG|@DIGEST]',
  description:
    'Downloads an image from a registry into the local image store; what is there already is not downloaded again. Every ' +
    'byte is checked against its digest, and what does not match is not kept.',
  flags,
  examples: [
    { does: 'The image for this machine', command: 'slipway pull registry.example.com/team/app:1.0' },
    { does: 'For another machine', command: 'slipway pull --platform linux/arm64 debian:bookworm' },
  ],
  notes: [],
  run: runPull,
};

async function runPull(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(flags, argv, 'slipway pull');
  const name = oneImage(given.positionals, 'slipway pull');
  const { platform } = given.texts;
  const engine = await openEngine(given, session, name);
  const pulled = await withProgress(given, session, (onEvent) =>
    engine.registries.pull(
      {
        name,
        allTags: given.booleans['all-tags'] ?? false,
        allPlatforms: given.booleans['all-platforms'] ?? false,
        ...(platform === undefined ? {} : { platform: parsePlatform(platform, localPlatform(process)) }),
      },
      { signal: session.signal, onEvent },
    ),
  );
  for (const image of pulled) {
    if (!given.booleans.quiet) {
      const status = image.isNew ? 'Downloaded newer image' : 'Image is up to date';
      session.stdout.write(`Digest: ${image.resolved}\nStatus: ${status} for ${image.name}\n`);
    }
    session.stdout.write(`${image.name}\n`);
  }
}
