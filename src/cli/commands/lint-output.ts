// Where the reports of `slipway lint` go: standard output and files, each in its format.
import { resolve } from 'node:path';
import type { CheckResult, LintedFile, Linter, LintSettings, ReportFormat } from '../../index.ts';
import { harmlessName } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { writeResultFile } from '../write-result-file.ts';
import { jsonText } from './images/safe-text.ts';
import type { LintTools } from './lint-config.ts';
import { readPage } from './lint-pages.ts';

export interface OutputOptions {
  formats: readonly string[];
  outputs: readonly string[];
  compat: LintSettings['compat'];
  noColor: boolean;
  /** What reports call the files; undefined: their names. */
  pathInReport: string | undefined;
  linter: Linter;
  tools: LintTools;
}

/** The first format goes into the first file, and so on; what is left over goes to standard output. @throws ERR_EXPORT */
export async function writeReports(
  files: readonly LintedFile[],
  options: OutputOptions,
  session: Session,
): Promise<void> {
  const { formats, outputs } = options;
  const count = Math.max(formats.length, outputs.length, 1);
  for (let index = 0; index < count; index++) {
    const output = outputs[index] ?? '-';
    const report = await formatOne(formats[index] ?? 'tty', files, {
      options,
      session,
      isFile: output !== '-',
    });
    if (output === '-') session.stdout.write(report);
    else await writeResultFile(resolve(session.cwd, output), report);
  }
}

async function formatOne(
  format: string,
  files: readonly LintedFile[],
  { options, session, isFile }: { options: OutputOptions; session: Session; isFile: boolean },
): Promise<string> {
  const { tools, linter, compat, pathInReport } = options;
  if (format === 'buildkit' || format === 'buildkit-json') return formatBuildkit(format, files, linter);
  const { stdout, env } = session;
  const isTerminal = Boolean(stdout.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const named = pathInReport === undefined ? files : files.map((file) => ({ ...file, name: pathInReport }));
  return tools.formatReport(format as ReportFormat, named, {
    compat,
    color: isTerminal && !isFile && !options.noColor,
    version: format === 'sarif' ? (await import('./version.ts')).packageVersion() : '',
    rules: linter.rules,
    page: readPage,
    harmless: harmlessName,
  });
}

/** As `build --check` prints what it finds. */
async function formatBuildkit(
  format: 'buildkit' | 'buildkit-json',
  files: readonly LintedFile[],
  { rules }: Linter,
): Promise<string> {
  const { checkJson, formatCheck } = await import('./check-report.ts');
  const descriptions = new Map(rules.map(({ code, description }) => [code, description]));
  const findings = files.flatMap(({ name, findings: own }) =>
    own.map(({ rule, message, range, severity }): CheckResult['findings'][number] => {
      const description = descriptions.get(rule) ?? '';
      return { rule, message, severity, description, place: { file: name, range } };
    }),
  );
  const readSource = (file: string) => files.find(({ name }) => name === file)?.text;
  const result = { findings, failed: false };
  return format === 'buildkit'
    ? formatCheck(result, readSource)
    : `${jsonText(checkJson(result, readSource), 2)}\n`;
}
