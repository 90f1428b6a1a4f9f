// `slipway imagetools inspect`: what a registry has under a name.
import { formatPlatform, type RemoteDescription } from '../../../index.ts';
import { type Flag, parseArguments } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { flagGroups as groups } from '../flag-groups.ts';
import { jsonText, safeFor } from '../images/safe-text.ts';
import { exactly } from './image-words.ts';
import { commonFlags, openEngine } from './shared.ts';

const own = [
  { name: 'raw', type: 'boolean', group: groups.report, help: 'the document itself, byte for byte' },
  {
    name: 'format',
    type: 'text',
    value: 'TEMPLATE',
    group: groups.report,
    help: 'a Go template over .Name, .Manifest and .Image, such as {{json .Manifest}}',
  },
] as const satisfies readonly Flag[];
const flags = [...own, ...commonFlags] as const;

export const command: Command = {
  name: 'imagetools inspect',
  usage: 'slipway imagetools inspect [flags] NAME',
  description:
    'Shows what a registry has under a name: the images of an index with their platforms. Nothing is stored here.',
  flags,
  examples: [
    { does: 'Its images', command: 'slipway imagetools inspect registry.example.com/app:1.0' },
    {
      does: 'Its digest',
      command: "slipway imagetools inspect --format '{{.Manifest.digest}}' registry.example.com/app:1.0",
    },
  ],
  notes: [],
  run: runInspect,
};

async function runInspect(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(flags, argv, 'slipway imagetools inspect');
  const [name = ''] = exactly(
    given.positionals,
    1,
    'slipway imagetools inspect takes one name',
    command.usage,
  );
  const { format } = given.texts;
  const template =
    format === undefined || format === ''
      ? undefined
      : (await import('../../template/template.ts')).compileTemplate(format);
  const engine = await openEngine(given, session);
  const configs = template !== undefined && /\.Image\b|json \./.test(format ?? '');
  const found = await engine.registries.describe(name, { configs }, { signal: session.signal });
  if (given.booleans.raw) session.stdout.write(found.bytes.toString('utf8'));
  else if (template)
    session.stdout.write(`${safeFor(session.stdout, template.render(templateData(found)))}\n`);
  else session.stdout.write(safeFor(session.stdout, describe(found)));
}

function templateData({ name, descriptor, manifests, images }: RemoteDescription): object {
  const [only] = images;
  const document = { schemaVersion: 2, ...descriptor, ...(manifests.length > 0 ? { manifests } : {}) };
  return {
    Name: name,
    Manifest: withGoNames(document),
    Image:
      only?.platform === undefined
        ? only && withGoNames(only.config)
        : Object.fromEntries(
            images.map(({ platform, config }) => [formatPlatform(platform!), withGoNames(config)]),
          ),
  };
}

/** A document whose fields have the names of docker's templates, too: `Digest` beside `digest`. As JSON it has its own. */
function withGoNames(document: object): object {
  const names = { os: 'OS', rootfs: 'RootFS' } as Record<string, string>;
  const copy: object = { ...document };
  for (const [key, value] of Object.entries(document)) {
    const name = names[key] ?? `${key.charAt(0).toUpperCase()}${key.slice(1)}`;
    if (!Object.hasOwn(copy, name)) Object.defineProperty(copy, name, { value });
  }
  return copy;
}

function describe({ name, descriptor, manifests }: RemoteDescription): string {
  const bare = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const rows = [
    ['Name:', name],
    ['MediaType:', descriptor.mediaType],
    ['Digest:', descriptor.digest],
  ];
  const lines = rows.map(([heading, text]) => `${heading!.padEnd(10)} ${text}\n`);
  if (manifests.length > 0) lines.push('\nManifests:\n');
  const entries = manifests.map((entry) => {
    const { annotations = {} } = entry;
    const inner = [
      ['Name:', `${bare}@${entry.digest}`],
      ['MediaType:', entry.mediaType],
      ...(entry.platform ? [['Platform:', formatPlatform(entry.platform)]] : []),
      ...Object.entries(annotations).map(([key, value], index) => [
        index === 0 ? 'Annotations:' : '',
        `${key}: ${jsonText(value)}`,
      ]),
    ];
    return inner.map(([heading, text]) => `  ${heading!.padEnd(12)} ${text}\n`).join('');
  });
  return lines.join('') + entries.join('\n');
}
