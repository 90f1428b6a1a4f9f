// `slipway manifest inspect`: a list, or an image's manifest, as it is stored.
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command } from '../../session.ts';
import { commonFlags, openEngine } from '../registry/shared.ts';
import { groups } from './machine-flags.ts';
import { jsonText } from './safe-text.ts';
import { checkCount } from './usage.ts';

const own = [
  {
    name: 'verbose',
    short: 'v',
    type: 'boolean',
    group: groups.output,
    help: 'with its descriptor, too',
  },
] as const satisfies readonly Flag[];
const flags = [...own, ...commonFlags] as const;

export const command: Command = {
  name: 'manifest inspect',
  usage: 'slipway manifest inspect [flags] LIST',
  description:
    'Shows a list, or the manifest of an image, as JSON: that of the local store, or where it is not there, of its registry.',
  flags,
  examples: [{ does: 'What a list holds', command: 'slipway manifest inspect app:1.0' }],
  notes: [],
  async run(argv, session) {
    const given = parseArguments(flags, argv, 'slipway manifest inspect');
    checkCount(given.positionals, { least: 1, most: 1, usage: command.usage });
    const name = given.positionals[0]!;
    const engine = await openEngine(given, session);
    const { signal } = session;
    const { descriptor, bytes } = await engine.images.inspectManifest(name, { signal });
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    const shown = given.booleans.verbose
      ? { Ref: name, Descriptor: descriptor, Manifest: document }
      : document;
    session.stdout.write(`${jsonText(shown, 3)}\n`);
  },
};
