// `slipway du`: what takes up the disk.
import type { DiskUsage, UsageItem, UsageType } from '../../../index.ts';
import type { Flag } from '../../arguments.ts';
import type { Command, Session } from '../../session.ts';
import { humanSize } from './human.ts';
import { groups, machineFlags, openCommand } from './machine-flags.ts';
import { readFilters } from './read-filters.ts';
import { readTypes } from './read-types.ts';
import { layOut } from './table.ts';
import { checkCount } from './usage.ts';
import { itemHeaders, itemRow, usageTypes } from './usage-types.ts';
import { writeRows } from './write-rows.ts';

const flags = [
  {
    name: 'filter',
    type: 'list',
    value: 'KEY=VALUE',
    group: groups.what,
    help: `type=TYPE: ${Object.keys(usageTypes).join(', ')}`,
  },
  { name: 'verbose', short: 'v', type: 'boolean', group: groups.output, help: 'each item, largest first' },
  {
    name: 'format',
    type: 'text',
    value: 'TEMPLATE',
    group: groups.output,
    help: 'json, table, "table TEMPLATE" or a Go template; of each item with --verbose',
  },
  { name: 'no-trunc', type: 'boolean', group: groups.output, help: 'show IDs and descriptions in full' },
  ...machineFlags,
] as const satisfies readonly Flag[];

const headers = {
  Type: 'TYPE',
  Total: 'TOTAL',
  Active: 'SHARED OR IN USE',
  Size: 'SIZE',
  Reclaimable: 'RECLAIMABLE',
};

export const command: Command = {
  name: 'du',
  usage: 'slipway du [flags]',
  description:
    'Shows what the state folder takes of the disk: blocks, as du counts them, each once. RECLAIMABLE is what "slipway prune" ' +
    'deletes; what is shared with an image that has a name goes with "prune --all".',
  flags,
  examples: [
    { does: 'By kind', command: 'slipway du' },
    { does: 'The largest items', command: 'slipway du --verbose' },
    { does: 'For a script', command: 'slipway du --format json' },
  ],
  notes: [
    {
      heading: 'Fields',
      lines: [Object.keys(headers).join(', '), `with --verbose: ${Object.keys(itemHeaders).join(', ')}`],
    },
  ],
  run: runDu,
};

async function runDu(argv: readonly string[], session: Session): Promise<void> {
  const { given, engine } = await openCommand(flags, argv, { session, command: 'slipway du' });
  checkCount(given.positionals, { least: 0, most: 0, usage: command.usage });
  const types = readTypes(readFilters(given.lists.filter ?? [], ['type']).type);
  const usage = await engine.images.diskUsage({ signal: session.signal });
  const items = usage.items.filter(({ type }) => !types || types.includes(type));
  const { format } = given.texts;
  const { stdout } = session;
  if (given.booleans.verbose) {
    const full = given.booleans['no-trunc'] ?? false;
    const rows = items
      .sort((a, b) => b.size - a.size)
      .map((item) => (format === 'json' ? item : itemRow(item, { full, now: session.now() })));
    const shown = ['ID', 'Type', 'Reclaimable', 'Size', 'LastUsed', 'Description'];
    await writeRows(rows, { headers: itemHeaders, shown }, { format, stdout });
  } else {
    await writeRows(rowsByType(items), { headers, shown: Object.keys(headers) }, { format, stdout });
  }
  if (!format || format === 'table') stdout.write(totals(usage));
}

function rowsByType(items: readonly UsageItem[]): Record<keyof typeof headers, string>[] {
  return (Object.keys(usageTypes) as UsageType[]).flatMap((type) => {
    const own = items.filter((item) => item.type === type);
    if (own.length === 0) return [];
    const free = own.filter(({ reclaimable }) => reclaimable);
    return {
      Type: usageTypes[type],
      Total: String(own.length),
      Active: String(own.filter(({ shared, inUse }) => shared || inUse).length),
      Size: humanSize(bytesOf(own)),
      Reclaimable: humanSize(bytesOf(free)),
    };
  });
}

const bytesOf = (items: readonly UsageItem[]): number => items.reduce((sum, { size }) => sum + size, 0);

function totals({ items, total, reclaimable, plainLayers, compressedLayers }: DiskUsage): string {
  const shared = bytesOf(items.filter((item) => item.shared));
  return `\n${layOut([
    `Layers:\t${humanSize(plainLayers)} plain, ${humanSize(compressedLayers)} compressed`,
    `Shared:\t${humanSize(shared)}`,
    `Reclaimable:\t${humanSize(reclaimable)}`,
    `Total:\t${humanSize(total)}`,
  ])}`;
}
