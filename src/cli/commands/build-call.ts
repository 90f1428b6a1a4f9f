// The value of `--call`, and how the answers of its methods are printed.
import { SlipwayError } from '../../errors.ts';
import type { Outline, TargetList } from '../../index.ts';
import { readPairs, splitCommaList } from '../comma-list.ts';
import { harmless } from '../progress/harmless.ts';
import { suggestionHint } from '../suggest.ts';

export interface BuildCall {
  method: 'build' | 'check' | 'outline' | 'targets';
  json: boolean;
  /** Findings of the checks do not show in the exit code. */
  ignoreStatus: boolean;
}

const methods = ['build', 'check', 'outline', 'targets'] as const;

/** Reads `METHOD[,format=json|text][,ignorestatus=true|false]`. @throws ERR_USAGE, ERR_UNSUPPORTED */
export function parseCall(text: string): BuildCall {
  const [method = '', ...rest] = splitCommaList(text, '--call');
  let json = false;
  let ignoreStatus = false;
  for (const [key, value] of readPairs(rest, '--call')) {
    if (key === 'ignorestatus' && (value === 'true' || value === 'false')) {
      ignoreStatus = value === 'true';
      continue;
    }
    if (key !== 'format' || (value !== 'json' && value !== 'text')) {
      throw new SlipwayError('ERR_USAGE', `--call: ${key}=${value} is not known`, {
        hint: 'format=json, format=text or ignorestatus=true',
      });
    }
    json = value === 'json';
  }
  const known = methods.find((one) => one === (method === 'lint' ? 'check' : method));
  if (known !== undefined) return { method: known, json, ignoreStatus };
  if (method.startsWith('subrequests')) {
    throw new SlipwayError('ERR_UNSUPPORTED', `--call=${method} is not supported`, {
      hint: `supported: ${methods.join(', ')}`,
    });
  }
  throw new SlipwayError('ERR_USAGE', `--call has no method ${JSON.stringify(method)}`, {
    hint: suggestionHint(method, methods),
  });
}

export function formatOutline(outline: Outline): string {
  const head = [['TARGET:', outline.name]];
  if (outline.description) head.push(['DESCRIPTION:', outline.description]);
  const tables = [table(head)];
  if (outline.args.length > 0) {
    tables.push(
      table([
        ['BUILD ARG', 'VALUE', 'DESCRIPTION'],
        ...outline.args.map((arg) => [arg.name, arg.value ?? '', arg.description]),
      ]),
    );
  }
  for (const [heading, list] of [
    ['SECRET', outline.secrets],
    ['SSH', outline.ssh],
  ] as const) {
    if (list.length === 0) continue;
    tables.push(table([[heading, 'REQUIRED'], ...list.map((one) => [one.name, one.required ? 'true' : ''])]));
  }
  return tables.join('\n');
}

export function formatTargets(list: TargetList): string {
  return table([
    ['TARGET', 'DESCRIPTION'],
    ...list.targets.map((target) => [
      target.default ? `${target.name || '(default)'}${target.name ? ' (default)' : ''}` : target.name,
      target.description,
    ]),
  ]);
}

/** Columns three blanks apart, each line ended. */
function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(harmless));
  const widths = clean.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)),
    [],
  );
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}
