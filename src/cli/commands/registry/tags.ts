// `slipway tags`: the tags of a repository.
import { parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { oneImage } from './image-words.ts';
import { listFormatFlag, writeList } from './list-format.ts';
import { directFlags, openEngine } from './shared.ts';

const flags = [listFormatFlag, ...directFlags] as const;

export const command: Command = {
  name: 'tags',
  usage: 'slipway tags [flags] REPOSITORY',
  description: 'Lists the tags of a repository of a registry, all pages of them.',
  flags,
  examples: [{ does: 'The tags of an image', command: 'slipway tags registry.example.com/team/app' }],
  notes: [],
  async run(argv: readonly string[], session: Session) {
    const given = parseArguments(flags, argv, 'slipway tags');
    const name = oneImage(given.positionals, 'slipway tags');
    const engine = await openEngine(given, session);
    writeList(await engine.registries.tags(name, { signal: session.signal }), given.texts.format, session);
  },
};
