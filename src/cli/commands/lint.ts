// Runs `slipway lint`: reads configs and files, lints one after the other, prints, and sets the exit code.
import { relative, sep } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import {
  type ExternalScript,
  type FixedText,
  type FixLevel,
  type LintedFile,
  type Linter,
  type LintSettings,
  localPlatform,
  openLinter,
  openLintTools,
  parsePlatform,
  type Severity,
} from '../../index.ts';
import { parseArguments } from '../arguments.ts';
import { harmlessName } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { stateRoot } from '../state-root.ts';
import { safeFor } from './images/safe-text.ts';
import { applyBaseline, baselinePath, plural, writeBaseline } from './lint-baseline.ts';
import { type LintArguments, type LintSetup, type LintTools, readLintSetup } from './lint-config.ts';
import { type FixPlan, fixSummary, readFixPlan, replaceFile } from './lint-fix.ts';
import { lintFlags } from './lint-flags.ts';
import { createIgnoreFiles, readLintInputs } from './lint-inputs.ts';
import { writeReports } from './lint-output.ts';
import { explainRule, listRules } from './lint-pages.ts';
import type { LintTask } from './lint-task.ts';
import { createLintThreads } from './lint-threads.ts';
import { unifiedDiff } from './unified-diff.ts';

export interface LintedInput extends LintedFile {
  /** Absolute; undefined for standard input. */
  path: string | undefined;
}

/** @throws ERR_USAGE, ERR_SYNTAX of configs, ERR_DOCKERFILE_NOT_FOUND, ERR_CONTEXT, ERR_EXPORT */
export async function runLint(argv: readonly string[], session: Session): Promise<void> {
  const parsed = parseArguments(lintFlags, argv, 'slipway lint') as LintArguments;
  const given = parsed.positionals.length > 0 ? parsed : { ...parsed, positionals: ['.'] };
  const linter = await openLinter();
  if (given.texts.explain !== undefined) {
    session.stdout.write(explainRule(linter, given.texts.explain));
    return;
  }
  if (given.booleans['list-rules']) {
    session.stdout.write(listRules(linter, given.lists.format?.includes('json') ?? false));
    return;
  }
  const tools = await openLintTools();
  const setup = await readLintSetup(given, session, { linter, tools });
  tellConfig(setup, session);
  const plan = readFixPlan(given);
  const fixed: FixedText[] = [];
  const files = await lintInputs(given, session, {
    ...{ linter, tools, setup },
    mend: plan && createMender(plan, fixed, session),
  });
  const path = baselinePath(given, session, setup);
  if (given.booleans['write-baseline']) return writeBaseline(path!, files, { tools, session });
  const { files: rest, known } =
    path === undefined ? { files, known: 0 } : applyBaseline(path, files, { tools, session });
  const { compat } = setup.settingsFor(undefined);
  const outputs = given.lists.output ?? [];
  const options = { ...setup, outputs, compat, linter, tools };
  // Standard output is for the mended text, or for the diff.
  const isTaken = plan !== undefined && (plan.diff || given.positionals.includes('-'));
  if (!plan?.diff || outputs.length > 0) {
    const aside = isTaken ? { ...session, stdout: session.stderr } : session;
    await writeReports(rest, { ...options, pathInReport: given.texts['file-path-in-report'] }, aside);
  }
  if (plan !== undefined) session.stderr.write(fixSummary(fixed, files, plan));
  const isTty = (setup.formats[0] ?? 'tty') === 'tty' && outputs.length === 0 && plan === undefined;
  if (isTty && compat === undefined) session.stderr.write(summary(rest, known));
  // hadolint's exit code is 0 in these formats, whatever it finds.
  const isQuiet = compat === 'hadolint' && ['codeclimate', 'codacy'].includes(setup.formats[0] ?? '');
  if (!setup.noFail && !isQuiet && fails(rest, setup.failureThreshold, tools)) session.failure.exitCode = 1;
}

async function lintInputs(
  given: LintArguments,
  session: Session,
  {
    linter,
    tools,
    setup,
    mend,
  }: { linter: Linter; tools: LintTools; setup: LintSetup; mend: Mender | undefined },
): Promise<LintedInput[]> {
  const buildArgs = readBuildArgs(given, session);
  const platform =
    given.texts.platform === undefined
      ? undefined
      : parsePlatform(given.texts.platform, localPlatform(process));
  const ignoreFiles = createIgnoreFiles(session.cwd);
  const threads = createLintThreads();
  const inputs = await readLintInputs(given.positionals, session, { ...setup, ...tools, threads });
  // SARIF alone tells of fixes.
  const fixes = mend !== undefined || setup.formats.includes('sarif');
  const tasks = inputs.map(({ name, text: whole, path, args, outer, failure }): LintTask => {
    // There is nothing to lint then.
    const text = failure === undefined ? whole : '';
    const settings: LintSettings = {
      ...setup.settingsFor(path && nameBelow(setup.root, path)),
      buildArgs: args ? { ...args, ...buildArgs } : buildArgs,
      platform,
      fixes,
    };
    const ignored =
      path === undefined || outer || settings.compat === 'hadolint' ? undefined : ignoreFiles.read(path);
    if (ignored !== undefined) settings.ignorePatterns = tools.readIgnorePatterns(ignored);
    else if (path !== undefined && outer === undefined && !ignoreFiles.has(path))
      settings.ignorePatterns = [];
    // What is written in another file's quoting is not mended by places in it.
    return { name, text, path, settings, level: outer === undefined ? mend?.level : undefined };
  });
  const isOff = (flag: 'no-base-images' | 'no-history') => given.booleans[flag] === true;
  const root = stateRoot(given.texts.root, session);
  const outcomes = await threads.run(tasks, {
    linter,
    signal: session.signal,
    state: {
      bases: isOff('no-base-images') ? undefined : root,
      history: isOff('no-history') ? undefined : root,
    },
  });
  const scripts = new Map<LintedInput, ExternalScript[]>();
  const inner = inputs.map(({ name, text, path, failure }, index): LintedInput => {
    if (failure !== undefined) return { name, path, text, findings: [failure] };
    const { settings } = tasks[index]!;
    const { findings, fixed } = outcomes[index]!;
    const file = mend && fixed ? mend.write({ name, path, text }, fixed) : { name, path, text, findings };
    if (settings.shellcheck && settings.compat !== 'buildkit')
      scripts.set(file, linter.scripts(file.text, name, settings));
    return file;
  });
  const files =
    scripts.size === 0
      ? inner
      : await (await import('./lint-shellcheck.ts')).addShellcheck(inner, scripts, session);
  if (!inputs.some(({ outer }) => outer)) return files;
  const { toOuter } = await import('./lint-baked.ts');
  return joined(
    files.map((file, index) => {
      const { outer, failure } = inputs[index]!;
      if (outer === undefined || failure !== undefined) return file;
      return { ...file, text: outer.text, findings: file.findings.map((one) => toOuter(one, outer)) };
    }),
  );
}

/** As patterns of configs name it; undefined where it is not below. */
function nameBelow(root: string, path: string): string | undefined {
  // Most are, and without any detour.
  const top = root.endsWith(sep) ? root : root + sep;
  const below = path.startsWith(top) ? path.slice(top.length) : relative(root, path);
  const name = sep === '/' ? below : below.split(sep).join('/');
  return name.startsWith('../') ? undefined : name;
}

/** What stands in one file as one. */
function joined(files: readonly LintedInput[]): LintedInput[] {
  const byName = new Map<string, LintedInput>();
  for (const file of files) {
    const known = byName.get(file.name);
    const findings = [...(known?.findings ?? []), ...file.findings];
    byName.set(file.name, known ? { ...known, findings } : file);
  }
  return [...byName.values()];
}

interface Mender {
  level: FixLevel;
  /** Writes a mended file, or what would change. */
  write(file: Omit<LintedInput, 'findings'>, result: FixedText): LintedInput;
}

/** What was found in the files goes to `fixed`. */
function createMender({ level, diff }: FixPlan, fixed: FixedText[], session: Session): Mender {
  return {
    level,
    write({ name, path, text }, result) {
      fixed.push(result);
      if (diff) {
        session.stdout.write(safeFor(session.stdout, unifiedDiff(text, result.text, name)));
        return { name, path, text, findings: [...result.before] };
      }
      if (path === undefined) session.stdout.write(safeFor(session.stdout, result.text));
      else if (result.text !== text) replaceFile(path, { name, before: text, after: result.text });
      return { name, path, text: result.text, findings: result.findings };
    },
  };
}

/** `NAME` alone takes the value of the environment. @throws ERR_USAGE */
function readBuildArgs({ lists }: LintArguments, { env }: Session): Record<string, string> {
  const values: Record<string, string> = {};
  for (const text of lists['build-arg'] ?? []) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name === '')
      throw new SlipwayError('ERR_USAGE', `--build-arg has no name: ${JSON.stringify(text)}`, {
        hint: '--build-arg NAME=VALUE',
      });
    const value = equals < 0 ? env[name] : text.slice(equals + 1);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** What is strange in configs; with `--verbose` also what they come to. */
function tellConfig(setup: LintSetup, { stderr }: Session): void {
  for (const { message, hint, place } of setup.warnings) {
    const at = place ? `${place.file}:${place.range.start.line}:${place.range.start.column}: ` : '';
    stderr.write(harmlessName(`${at}warning: ${message}${hint ? ` (${hint})` : ''}`).concat('\n'));
  }
  if (!setup.verbose) return;
  stderr.write(`config files: ${setup.files.join(', ') || 'none'}\n`);
  const { failureThreshold, noFail, noColor, formats } = setup;
  const effective = { failureThreshold, noFail, noColor, formats, ...setup.settingsFor(undefined) };
  stderr.write(`${JSON.stringify(effective, undefined, 2)}\n`);
}

/** A syntax error always does. */
function fails(files: readonly LintedFile[], threshold: string, { severityNames }: LintTools): boolean {
  const least = severityNames.indexOf(threshold as Severity);
  const reaches = (severity: Severity) => least < 0 || severityNames.indexOf(severity) <= least;
  return files.some(({ findings }) =>
    findings.some(({ rule, severity }) => rule === 'DL1000' || reaches(severity)),
  );
}

function summary(files: readonly LintedFile[], known: number): string {
  const counts = new Map<Severity, number>();
  for (const { findings } of files)
    for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = (['error', 'warning', 'info', 'style'] as const)
    .filter((severity) => counts.has(severity))
    .map((severity) => {
      const count = counts.get(severity)!;
      return severity === 'error' || severity === 'warning'
        ? plural(count, severity)
        : `${count} ${severity}`;
    });
  const what = total === 0 ? 'nothing found' : `${plural(total, 'finding')} (${parts.join(', ')})`;
  return `${plural(files.length, 'file')}: ${what}${known > 0 ? `, ${known} more in the baseline` : ''}\n`;
}
