// `slipway manifest annotate`: what a list says of one of its images.
import { SlipwayError } from '../../../errors.ts';
import type { Arguments, Flag } from '../../arguments.ts';
import type { Command } from '../../session.ts';
import { groups, machineFlags, openCommand } from './machine-flags.ts';
import { checkCount } from './usage.ts';

const flags = [
  { name: 'arch', type: 'text', value: 'ARCH', group: groups.what, help: 'its architecture' },
  { name: 'os', type: 'text', value: 'OS', group: groups.what, help: 'its operating system' },
  {
    name: 'os-features',
    type: 'list',
    value: 'FEATURE',
    group: groups.what,
    help: 'a feature that it needs',
  },
  { name: 'os-version', type: 'text', value: 'VERSION', group: groups.what, help: "the system's version" },
  { name: 'variant', type: 'text', value: 'VARIANT', group: groups.what, help: "the architecture's variant" },
  { name: 'annotation', type: 'list', value: 'KEY=VALUE', group: groups.what, help: 'a note beside it' },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'manifest annotate',
  usage: 'slipway manifest annotate [flags] LIST IMAGE',
  description:
    'Changes what a list says of one of its images, which is named as in the store or by the digest in the list.',
  flags,
  examples: [
    { does: 'A variant', command: 'slipway manifest annotate --variant v7 app:1.0 app:1.0-arm' },
    {
      does: 'A note',
      command: 'slipway manifest annotate --annotation com.example.tier=slow app:1.0 app:1.0-arm',
    },
  ],
  notes: [],
  async run(argv, session) {
    const { given, engine } = await openCommand(flags, argv, {
      session,
      command: 'slipway manifest annotate',
    });
    checkCount(given.positionals, { least: 2, most: 2, usage: command.usage });
    const [list = '', image = ''] = given.positionals;
    await engine.images.annotateList({ list, image, annotation: readAnnotation(given) });
  },
};

function readAnnotation({ texts, lists }: Arguments<(typeof flags)[number]['name']>) {
  const annotations = (lists.annotation ?? []).map((text): [string, string] => {
    const equals = text.indexOf('=');
    if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
    throw new SlipwayError('ERR_USAGE', `--annotation: ${JSON.stringify(text)} is not written KEY=VALUE`);
  });
  return {
    ...(texts.arch === undefined ? {} : { architecture: texts.arch }),
    ...(texts.os === undefined ? {} : { os: texts.os }),
    ...(texts.variant === undefined ? {} : { variant: texts.variant }),
    ...(texts['os-version'] === undefined ? {} : { osVersion: texts['os-version'] }),
    ...(lists['os-features'] ? { osFeatures: lists['os-features'].flatMap((one) => one.split(',')) } : {}),
    ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
  };
}
