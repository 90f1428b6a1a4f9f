// The baseline of `slipway lint`: read, compared with what is found, and written.
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { Baseline, Finding } from '../../index.ts';
import type { Session } from '../session.ts';
import { writeResultFile } from '../write-result-file.ts';
import type { LintedInput } from './lint.ts';
import type { LintArguments, LintSetup, LintTools } from './lint-config.ts';

const usualBaseline = 'slipway-lint-baseline.json';

/** Its absolute path where one is asked for. */
export function baselinePath(
  { texts, booleans }: LintArguments,
  { cwd }: Session,
  { own, root }: LintSetup,
): string | undefined {
  if (texts.baseline !== undefined) return resolve(cwd, texts.baseline);
  if (own?.baseline !== undefined) return resolve(root, own.baseline);
  return booleans['write-baseline'] ? resolve(cwd, usualBaseline) : undefined;
}

/** Notes all that is found. @throws ERR_EXPORT */
export async function writeBaseline(
  path: string,
  files: readonly LintedInput[],
  { tools, session }: { tools: LintTools; session: Session },
): Promise<void> {
  const named = files.map((file) => ({ ...file, path: nameIn(path, file) }));
  await writeResultFile(path, tools.formatBaseline(named));
  const count = files.reduce((sum, { findings }) => sum + findings.length, 0);
  session.stderr.write(`${relative(session.cwd, path)}: ${plural(count, 'finding')} noted\n`);
}

/** The files with what is new alone. Says what is no longer there. @throws ERR_USAGE */
export function applyBaseline(
  path: string,
  files: readonly LintedInput[],
  { tools, session }: { tools: LintTools; session: Session },
): { files: LintedInput[]; known: number } {
  const name = relative(session.cwd, path);
  const baseline = read(path, name, tools);
  let known = 0;
  const gone: string[] = [];
  const rest = files.map((file) => {
    const named = { ...file, path: nameIn(path, file) };
    const compared = tools.compareBaseline(baseline, named);
    known += compared.known;
    for (const { rule, count } of compared.gone)
      gone.push(`${file.name} ${rule}${count > 1 ? ` (${count})` : ''}`);
    return { ...file, findings: compared.findings };
  });
  if (gone.length > 0) {
    const shown = gone.slice(0, 10).join(', ');
    const more = gone.length > 10 ? ` and ${gone.length - 10} more` : '';
    session.stderr.write(`${name}: no longer found: ${shown}${more}; --write-baseline takes them out\n`);
  }
  return { files: rest, known };
}

/** What of a file is not in a baseline. @throws ERR_USAGE */
export function withoutKnown(
  path: string,
  file: LintedInput,
  { tools, cwd }: { tools: LintTools; cwd: string },
): Finding[] {
  const baseline = read(path, relative(cwd, path), tools);
  return tools.compareBaseline(baseline, { ...file, path: nameIn(path, file) }).findings;
}

function read(path: string, name: string, { readBaseline }: LintTools): Baseline {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = systemCode(cause) === 'ENOENT';
    throw new SlipwayError(
      'ERR_USAGE',
      `${missing ? 'there is no baseline' : "can't read the baseline"} ${name}`,
      {
        hint: 'write one: slipway lint --write-baseline …',
        cause,
      },
    );
  }
  return readBaseline(text, name);
}

function nameIn(baseline: string, { name, path }: LintedInput): string {
  return path === undefined ? name : relative(dirname(baseline), path).split(sep).join('/');
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
