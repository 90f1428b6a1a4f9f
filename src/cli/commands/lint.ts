// Runs `slipway lint`: reads the files, lints them one after the other, prints, and sets the exit code.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import { type LabelType, type Linter, type LintSettings, openLinter, type Severity } from '../../index.ts';
import { type Arguments, parseArguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import { suggest } from '../suggest.ts';
import { lintFlags } from './lint-flags.ts';
import { formatFindings, type LintedFile } from './lint-report.ts';

type Given = Arguments<(typeof lintFlags)[number]['name']>;

const severities = ['error', 'warning', 'info', 'style'] as const;
const labelTypes: readonly LabelType[] = ['text', 'url', 'email', 'hash', 'semver', 'spdx', 'rfc3339'];

/** @throws ERR_USAGE, ERR_DOCKERFILE_NOT_FOUND, ERR_CONTEXT */
export async function runLint(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(lintFlags, argv, 'slipway lint') as Given;
  const linter = await openLinter();
  const code = given.texts.explain;
  if (code !== undefined) {
    session.stdout.write(rulePage(linter, code));
    return;
  }
  if (given.positionals.length === 0) {
    throw new SlipwayError('ERR_USAGE', 'no file is named', {
      hint: 'slipway lint Dockerfile; - reads standard input',
    });
  }
  const settings = readSettings(given, linter);
  const files: LintedFile[] = [];
  for (const name of given.positionals) {
    const text = name === '-' ? await readAll(session.stdin) : readText(resolve(session.cwd, name), name);
    files.push({ name, findings: linter.lint(text, name, settings) });
  }
  const color =
    Boolean(session.stdout.isTTY) &&
    !session.env['NO_COLOR'] &&
    session.env['TERM'] !== 'dumb' &&
    !given.booleans['no-color'];
  const format = given.texts.format === 'json' ? 'json' : 'tty';
  session.stdout.write(formatFindings(files, { format, color, compat: settings.compat }));
  if (!given.booleans['no-fail'] && fails(files, given.texts['failure-threshold']))
    session.failure.exitCode = 1;
}

/** A syntax error always does. */
function fails(files: readonly LintedFile[], threshold = 'info'): boolean {
  const least = severities.indexOf(threshold as Severity);
  const reaches = (severity: Severity) => least < 0 || severities.indexOf(severity) <= least;
  return files.some(({ findings }) =>
    findings.some(({ rule, severity }) => rule === 'DL1000' || reaches(severity)),
  );
}

function readSettings({ texts, booleans, lists }: Given, { rules }: Linter): LintSettings {
  const chosen: Record<string, Severity | 'off'> = {};
  const known = rules.flatMap(({ code, name }) => [code, name]);
  const set = (codes: readonly string[], severity: Severity | 'off') => {
    for (const code of codes) {
      const rule = rules.find((one) => one.code === code || one.name === code);
      // Codes of ShellCheck are for rules that another release may have.
      if (rule === undefined && !/^(?:DL|SC)\d{4}$/.test(code)) throw noRule(code, known);
      chosen[rule?.code ?? code] = severity;
    }
  };
  // Of several the most severe counts, and leaving out counts more than any.
  for (const severity of [...severities].reverse()) set(lists[severity] ?? [], severity);
  set(lists.ignore ?? [], 'off');
  return {
    compat: texts.compat as LintSettings['compat'],
    severities: chosen,
    noPragmas: booleans['disable-ignore-pragma'],
    trustedRegistries: lists['trusted-registry'],
    labelSchema: readLabels(lists['require-label'] ?? []),
    strictLabels: booleans['strict-labels'],
  };
}

function readLabels(labels: readonly string[]): Record<string, LabelType> {
  const schema: Record<string, LabelType> = {};
  for (const label of labels) {
    const colon = label.lastIndexOf(':');
    const type = labelTypes.find((one) => one === label.slice(colon + 1));
    if (colon < 1 || type === undefined) {
      throw new SlipwayError('ERR_USAGE', `--require-label has ${JSON.stringify(label)}`, {
        hint: `NAME:TYPE, the type being one of ${labelTypes.join(', ')}`,
      });
    }
    schema[label.slice(0, colon)] = type;
  }
  return schema;
}

function noRule(code: string, known: readonly string[]): SlipwayError {
  const near = suggest(code, known);
  return new SlipwayError('ERR_USAGE', `there is no rule ${JSON.stringify(code)}`, {
    hint: near === undefined ? 'codes are as DL3008 or StageNameCasing' : `did you mean ${near}?`,
  });
}

/** Pages lie beside the program, the same depth from src/cli/commands and dist/cli. @throws ERR_USAGE */
function rulePage({ rules }: Linter, code: string): string {
  const rule = rules.find((one) =>
    [one.code, one.name].some((name) => name.toLowerCase() === code.toLowerCase()),
  );
  if (rule === undefined)
    throw noRule(
      code,
      rules.flatMap((one) => [one.code, one.name]),
    );
  for (const up of ['../../../', '../../', '../../../../']) {
    try {
      return readFileSync(new URL(`${up}docs/rules/${rule.code}.md`, import.meta.url), 'utf8');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return `# ${rule.code}\n\n${rule.description}.\n`;
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = systemCode(cause);
    if (why === 'EISDIR') {
      throw new SlipwayError('ERR_USAGE', `${name} is a folder`, {
        hint: `slipway lint ${name}/Dockerfile`,
        cause,
      });
    }
    const missing = why === 'ENOENT' || why === 'ENOTDIR';
    const message = missing ? `there is no file ${name}` : `${name} can't be read`;
    throw new SlipwayError(missing ? 'ERR_DOCKERFILE_NOT_FOUND' : 'ERR_CONTEXT', message, {
      hint: missing ? 'name a Dockerfile, or - for standard input' : undefined,
      cause,
    });
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
