// The value of `--list`, and how the listing is printed.
import { SlipwayError } from '../../errors.ts';
import type { BakeListing } from '../../index.ts';
import { readPairs, splitCommaList } from '../comma-list.ts';
import { harmless } from '../progress/harmless.ts';
import { jsonText } from './images/safe-text.ts';

export interface ListWish {
  type: 'targets' | 'variables';
  json: boolean;
}

/** Reads `targets`, `variables` and `type=…,format=json`. @throws ERR_USAGE */
export function parseList(text: string): ListWish {
  const pairs = new Map(
    text.includes('=') ? readPairs(splitCommaList(text, '--list'), '--list') : [['type', text]],
  );
  const type = pairs.get('type');
  const format = pairs.get('format') ?? 'table';
  if (
    (type === 'targets' || type === 'variables') &&
    (format === 'table' || format === 'json') &&
    pairs.size <= (pairs.has('format') ? 2 : 1)
  )
    return { type, json: format === 'json' };
  throw new SlipwayError('ERR_USAGE', `--list can't be ${JSON.stringify(text)}`, {
    hint: 'targets, variables, or type=targets,format=json',
  });
}

export function formatListing({ type, json }: ListWish, listing: BakeListing): string {
  if (json) return `${jsonText(listing[type], 2)}\n`;
  if (type === 'targets')
    return table([
      ['TARGET', 'DESCRIPTION'],
      ...listing.targets.map(({ name, description }) => [name, description]),
    ]);
  return table([
    ['VARIABLE', 'TYPE', 'VALUE', 'DESCRIPTION'],
    ...listing.variables.map((one) => [one.name, one.type, one.value, one.description]),
  ]);
}

function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(harmless));
  const widths = clean[0]!.map((_, column) => Math.max(...clean.map((row) => row[column]!.length)));
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}
