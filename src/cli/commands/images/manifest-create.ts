// `slipway manifest create`: a list of images.
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command } from '../../session.ts';
import { commonFlags, openEngine } from '../registry/shared.ts';
import { groups } from './machine-flags.ts';
import { checkCount } from './usage.ts';

const own = [
  { name: 'amend', short: 'a', type: 'boolean', group: groups.what, help: 'add to a list that is there' },
] as const satisfies readonly Flag[];
const flags = [...own, ...commonFlags] as const;

export const command: Command = {
  name: 'manifest create',
  usage: 'slipway manifest create [flags] LIST IMAGE [IMAGE…]',
  description:
    'Makes a list of images of the local store or of registries, and gives it a name here. Of an image that is a list itself ' +
    'all entries are taken. Of images in registries the documents are read, and no layer is downloaded.',
  flags,
  examples: [
    {
      does: 'One name for two platforms',
      command: 'slipway manifest create app:1.0 app:1.0-amd64 app:1.0-arm64',
    },
    {
      does: 'What the jobs of a CI matrix have pushed, by digest',
      command: 'slipway manifest create registry.example.com/app:1.0 registry.example.com/app@sha256:… …',
    },
    { does: 'One more', command: 'slipway manifest create --amend app:1.0 app:1.0-riscv64' },
  ],
  notes: [],
  async run(argv, session) {
    const given = parseArguments(flags, argv, 'slipway manifest create');
    checkCount(given.positionals, { least: 2, usage: command.usage });
    const [list = '', ...images] = given.positionals;
    const engine = await openEngine(given, session);
    const { signal } = session;
    await engine.images.createList({ list, images, amend: given.booleans.amend ?? false }, { signal });
    const { formatReference, parseReference } = await import('../../../index.ts');
    session.stdout.write(`Created manifest list ${formatReference(parseReference(list))}\n`);
  },
};
