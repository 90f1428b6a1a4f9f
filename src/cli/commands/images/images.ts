// `slipway images`: what the local store holds.
import type { ImageSummary } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { goTime, humanSize, since } from './human.ts';
import { groups, machineFlags, openCommand } from './machine-flags.ts';
import { readFilters, readSwitch, readUntil } from './read-filters.ts';
import { checkCount } from './usage.ts';
import { type Columns, writeRows } from './write-rows.ts';

const flags = [
  {
    name: 'all',
    short: 'a',
    type: 'boolean',
    group: groups.what,
    help: 'always so: there are no intermediate images to hide',
  },
  {
    name: 'filter',
    short: 'f',
    type: 'list',
    value: 'KEY=VALUE',
    group: groups.what,
    help: 'dangling=true|false, label=KEY[=VALUE], before=IMAGE, since=IMAGE, reference=PATTERN, until=TIME',
  },
  { name: 'digests', type: 'boolean', group: groups.output, help: 'show digests, too' },
  {
    name: 'format',
    type: 'text',
    value: 'TEMPLATE',
    group: groups.output,
    help: 'table, json, "table TEMPLATE" or a Go template: {{.ID}}',
  },
  { name: 'no-trunc', type: 'boolean', group: groups.output, help: 'show IDs in full' },
  { name: 'quiet', short: 'q', type: 'boolean', group: groups.output, help: 'show IDs only' },
  ...machineFlags,
] as const satisfies readonly Flag[];

const headers = {
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  ID: 'IMAGE ID',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  VirtualSize: 'SIZE',
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
  Containers: 'CONTAINERS',
  Platforms: 'PLATFORMS',
  Labels: 'LABELS',
};

export const command: Command = {
  name: 'images',
  usage: 'slipway images [flags] [REPOSITORY[:TAG]]',
  description: 'Lists the images of the local store, newest first. SIZE is that of the unpacked layers.',
  flags,
  examples: [
    { does: 'What is there', command: 'slipway images' },
    { does: 'IDs of images without a name', command: 'slipway images -q --filter dangling=true' },
    {
      does: 'Names and sizes, for a script',
      command: "slipway images --format '{{.Repository}}:{{.Tag}} {{.Size}}'",
    },
  ],
  notes: [{ heading: 'Fields', lines: [Object.keys(headers).join(', ')] }],
  run: runImages,
};

const filterKeys = ['dangling', 'label', 'before', 'since', 'reference', 'until'] as const;

async function runImages(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway images' });
  checkCount(given.positionals, { least: 0, most: 1, usage: command.usage });
  const filters = readFilters(given.lists.filter ?? [], filterKeys);
  const references = [...(filters.reference ?? []), ...given.positionals.map(asPattern)];
  const dangling = readSwitch(filters.dangling, 'dangling');
  const until = await readUntil(filters.until, session.now());
  const images = await engine.images.list({
    ...(dangling === undefined ? {} : { dangling }),
    ...(filters.label ? { labels: filters.label } : {}),
    ...(filters.before ? { before: filters.before } : {}),
    ...(filters.since ? { since: filters.since } : {}),
    ...(references.length > 0 ? { references } : {}),
    ...(until === undefined ? {} : { until }),
  });
  const full = given.booleans['no-trunc'] ?? false;
  if (given.booleans.quiet && given.texts.format === undefined) {
    const ids = images.flatMap((image) =>
      Array.from({ length: Math.max(1, image.names.length) }, () => shortID(image.id, full)),
    );
    session.stdout.write(ids.map((id) => `${id}\n`).join(''));
    return;
  }
  const { familiarReference, parseReference } = await import('../../../index.ts');
  const split = (name: string): { Repository: string; Tag: string } => {
    const { tag = '<none>', digest: _digest, ...repository } = parseReference(name);
    return { Repository: familiarReference(repository), Tag: tag };
  };
  const rows = images.flatMap((image) =>
    (image.names.length > 0 ? image.names.map(split) : [{ Repository: '<none>', Tag: '<none>' }]).map(
      (name) => rowOf(image, name, { full, now: session.now() }),
    ),
  );
  const shown = [
    'Repository',
    'Tag',
    ...(given.booleans.digests ? ['Digest'] : []),
    'ID',
    'CreatedSince',
    'Size',
  ];
  await writeRows(rows, { headers, shown } satisfies Columns, {
    format: given.texts.format,
    stdout: session.stdout,
  });
}

/** `app` stands for all of its tags, as docker has it; a repository is matched as people write it. */
function asPattern(text: string): string {
  return text.replace(/^docker\.io\/(library\/(?=[^/]+$))?/, '');
}

/** Twelve digits, or all. */
export function shortID(digest: string, full: boolean): string {
  return full ? digest : digest.replace(/^sha256:/, '').slice(0, 12);
}

function rowOf(
  image: ImageSummary,
  name: { Repository: string; Tag: string },
  { full, now }: { full: boolean; now: number },
): Record<keyof typeof headers, unknown> {
  const created = image.created === undefined ? undefined : Date.parse(image.created);
  return {
    ...name,
    Digest: image.descriptor.digest,
    ID: shortID(image.id, full),
    CreatedSince: since(created, now),
    CreatedAt: goTime(created),
    Size: humanSize(image.size),
    VirtualSize: humanSize(image.size),
    // As docker has them where it is not asked to reckon.
    ...{ SharedSize: 'N/A', UniqueSize: 'N/A', Containers: 'N/A' },
    Platforms: image.platforms.map(({ os, architecture, variant }) =>
      [os, architecture, variant].filter(Boolean).join('/'),
    ),
    Labels: image.labels,
  };
}
