// `slipway inspect`: all that is known of an image, as docker tells it.
import type { ImageDetails } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { groups, machineFlags, openCommand, platformFlag } from './machine-flags.ts';
import { jsonText, safeFor } from './safe-text.ts';
import { checkCount, readPlatform } from './usage.ts';

const flags = [
  {
    name: 'format',
    short: 'f',
    type: 'text',
    value: 'TEMPLATE',
    group: groups.output,
    help: 'json, or a Go template: {{.Config.Env}}',
  },
  platformFlag,
  {
    name: 'type',
    type: 'text',
    value: 'TYPE',
    choices: ['image'],
    group: groups.what,
    help: 'always image: there is nothing else to inspect',
  },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'inspect',
  usage: 'slipway inspect [flags] IMAGE [IMAGE…]',
  description: 'Tells what an image is, as JSON in the form that docker inspect has.',
  flags,
  examples: [
    { does: 'Everything', command: 'slipway inspect app' },
    { does: 'What it runs', command: "slipway inspect -f '{{json .Config.Cmd}}' app" },
    { does: 'A label', command: 'slipway inspect -f \'{{index .Config.Labels "version"}}\' app' },
  ],
  notes: [],
  run: runInspect,
};

async function runInspect(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway inspect' });
  checkCount(given.positionals, { least: 1, usage: command.usage });
  const platform = await readPlatform(given.texts.platform);
  const { format } = given.texts;
  const template =
    format === undefined || format === 'json'
      ? undefined
      : (await import('../../template/template.ts')).compileTemplate(format);
  const images = await engine.images.inspect(given.positionals, platform);
  const { familiarReference, parseReference } = await import('../../../index.ts');
  const documents = images.map((image) => {
    const references = image.names.map((name) => parseReference(name));
    const repositories = references.map(({ tag: _tag, digest: _digest, ...named }) =>
      familiarReference(named),
    );
    const tags = references.filter(({ digest }) => digest === undefined).map(familiarReference);
    return documentOf(image, { tags, repositories: [...new Set(repositories)] });
  });
  if (template) {
    const lines = documents.map((one) => `${safeFor(session.stdout, template.render(one))}\n`);
    session.stdout.write(lines.join(''));
  } else session.stdout.write(`${jsonText(documents, format === 'json' ? 0 : 4)}\n`);
}

function documentOf(
  image: ImageDetails,
  { tags, repositories }: { tags: string[]; repositories: string[] },
): Record<string, unknown> {
  const { config, descriptor } = image;
  return {
    Id: image.id,
    RepoTags: tags,
    RepoDigests: repositories.map((repository) => `${repository}@${descriptor.digest}`),
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? '',
    Author: config.author ?? '',
    Config: config.config ?? {},
    Architecture: config.architecture,
    ...(config.variant ? { Variant: config.variant } : {}),
    Os: config.os,
    ...(config['os.version'] ? { OsVersion: config['os.version'] } : {}),
    Size: image.size,
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Descriptor: descriptor,
    Manifest: image.manifest,
    Platforms: image.platforms,
  };
}
