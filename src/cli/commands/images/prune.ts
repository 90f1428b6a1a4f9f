// `slipway prune`: gives the disk back what is not needed.
import { SlipwayError } from '../../../errors.ts';
import type { PruneRequest } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { parseSize } from '../limits.ts';
import { humanSize } from './human.ts';
import { groups, machineFlags, openCommand } from './machine-flags.ts';
import { readFilters, readUntil } from './read-filters.ts';
import { readTypes } from './read-types.ts';
import { checkCount } from './usage.ts';
import { itemHeaders, itemRow, usageTypes } from './usage-types.ts';
import { writeRows } from './write-rows.ts';

const flags = [
  {
    name: 'all',
    short: 'a',
    type: 'boolean',
    group: groups.what,
    help: 'also the cache of images that have a name; the images themselves stay',
  },
  {
    name: 'filter',
    type: 'list',
    value: 'KEY=VALUE',
    group: groups.what,
    help: `until=TIME (last used before), label=KEY[=VALUE] (images without a name), type=TYPE: ${Object.keys(usageTypes).join(', ')}`,
  },
  {
    name: 'max-used-space',
    type: 'text',
    value: 'SIZE',
    group: groups.what,
    help: 'what was not used for longest goes, until the cache takes no more than this',
  },
  {
    name: 'keep-storage',
    type: 'text',
    value: 'SIZE',
    group: groups.what,
    help: 'the older name of --max-used-space',
  },
  {
    name: 'reserved-space',
    type: 'text',
    value: 'SIZE',
    group: groups.what,
    help: 'so much the cache may always take',
  },
  {
    name: 'min-free-space',
    type: 'text',
    value: 'SIZE',
    group: groups.what,
    help: 'what was not used for longest goes, until so much of the disk is free',
  },
  { name: 'force', short: 'f', type: 'boolean', group: groups.what, help: 'do not ask' },
  { name: 'dry-run', type: 'boolean', group: groups.what, help: 'only say what would go' },
  { name: 'verbose', type: 'boolean', group: groups.output, help: 'say more of each item' },
  {
    name: 'format',
    type: 'text',
    value: 'TEMPLATE',
    group: groups.output,
    help: 'json, table, "table TEMPLATE" or a Go template, of each item',
  },
  { name: 'no-trunc', type: 'boolean', group: groups.output, help: 'show IDs and descriptions in full' },
  ...machineFlags,
] as const satisfies readonly Flag[];

export const command: Command = {
  name: 'prune',
  usage: 'slipway prune [flags]',
  description:
    'Deletes what no image with a name needs: images without one, layers and records of the cache, unpacked layers, cache mounts, ' +
    'mirrors of repositories, downloads. Builds may run meanwhile: what they use stays. Images with a name go with "slipway rmi".',
  flags,
  examples: [
    { does: 'Everything that is not part of a named image', command: 'slipway prune -f' },
    { does: 'What was not used for a week', command: 'slipway prune -f --all --filter until=168h' },
    { does: 'Keep the cache below 20 GiB', command: 'slipway prune -f --all --max-used-space 20g' },
    { does: 'What that would be', command: 'slipway prune --dry-run --all --max-used-space 20g' },
  ],
  notes: [{ heading: 'Fields', lines: [Object.keys(itemHeaders).join(', ')] }],
  run: runPrune,
};

async function runPrune(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway prune' });
  checkCount(given.positionals, { least: 0, most: 0, usage: command.usage });
  const { texts, booleans } = given;
  if (texts['max-used-space'] !== undefined && texts['keep-storage'] !== undefined) {
    throw new SlipwayError('ERR_USAGE', '--keep-storage and --max-used-space are one flag', {
      hint: 'give --max-used-space',
    });
  }
  const filters = readFilters(given.lists.filter ?? [], ['until', 'label', 'type']);
  const until = await readUntil(filters.until, session.now());
  const types = readTypes(filters.type);
  const request: PruneRequest = {
    all: booleans.all ?? false,
    ...(until === undefined ? {} : { until }),
    ...(filters.label ? { labels: filters.label } : {}),
    ...(types ? { types } : {}),
    ...size('maxUsedSpace', '--max-used-space', texts['max-used-space'] ?? texts['keep-storage']),
    ...size('reservedSpace', '--reserved-space', texts['reserved-space']),
    ...size('minFreeSpace', '--min-free-space', texts['min-free-space']),
    ...(booleans['dry-run'] ? { dryRun: true } : {}),
  };
  if (!booleans.force && !request.dryRun) await confirm(request, session);
  const { items, reclaimed } = await engine.images.prune(request, { signal: session.signal });
  const row = { full: booleans['no-trunc'] ?? false, now: session.now() };
  const { format } = texts;
  const rows = items.map((item) => (format === 'json' ? item : itemRow(item, row)));
  const shown = ['ID', 'Type', 'Size', 'LastUsed', ...(booleans.verbose ? ['Shared', 'Description'] : [])];
  if (rows.length > 0)
    await writeRows(rows, { headers: itemHeaders, shown }, { format, stdout: session.stdout });
  if (!format || format === 'table') session.stdout.write(`Total:\t${humanSize(reclaimed)}\n`);
}

function size(
  name: 'maxUsedSpace' | 'reservedSpace' | 'minFreeSpace',
  flag: string,
  text: string | undefined,
): Partial<PruneRequest> {
  return text === undefined ? {} : { [name]: parseSize(text, flag) };
}

/** @throws ERR_USAGE where the answer is not yes */
async function confirm({ all }: PruneRequest, { stdin, stderr }: Session): Promise<void> {
  const what = all ? 'the whole build cache' : 'all of the cache that no image with a name needs';
  stderr.write(`WARNING! This will remove ${what}. Are you sure you want to continue? [y/N] `);
  let answer = '';
  for await (const chunk of stdin) {
    answer += Buffer.from(chunk).toString('utf8');
    if (answer.includes('\n') || answer.length > 100) break;
  }
  if (/^y(es)?\s*$/i.test(answer.split('\n')[0]!.trim())) return;
  throw new SlipwayError('ERR_USAGE', 'nothing was removed: the answer was not yes', {
    hint: 'give --force where nobody can answer; --dry-run shows what would go',
  });
}
