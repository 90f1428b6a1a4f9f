// `slipway search`: the repositories of a registry whose names hold a text.
import { SlipwayError } from '../../../errors.ts';
import { parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { oneImage } from './image-words.ts';
import { listFormatFlag, writeList } from './list-format.ts';
import { directFlags, openEngine } from './shared.ts';

const flags = [listFormatFlag, ...directFlags] as const;

export const command: Command = {
  name: 'search',
  usage: 'slipway search [flags] REGISTRY[/TEXT]',
  description:
    'Lists the repositories of a registry whose names hold TEXT, where the registry lists them at all (its catalog).',
  flags,
  examples: [
    { does: 'What a registry has for a team', command: 'slipway search registry.example.com/team/' },
  ],
  notes: [],
  async run(argv: readonly string[], session: Session) {
    const given = parseArguments(flags, argv, 'slipway search');
    const word = oneImage(given.positionals, 'slipway search');
    const slash = word.indexOf('/');
    const registry = slash < 0 ? word : word.slice(0, slash);
    if (!/[.:]|^localhost$/.test(registry)) {
      throw new SlipwayError('ERR_USAGE', `${JSON.stringify(word)} names no registry to search`, {
        hint: `slipway search registry.example.com/${word}`,
      });
    }
    const text = slash < 0 ? '' : word.slice(slash + 1);
    const engine = await openEngine(given, session);
    const names = await engine.registries.search({ registry, text }, { signal: session.signal });
    writeList(
      names.map((name) => `${registry}/${name}`),
      given.texts.format,
      session,
    );
  },
};
