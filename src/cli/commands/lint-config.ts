// Which config files count for `slipway lint`, and what they and the command line say together.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import type {
  ConfigWarning,
  Linter,
  LintPlan,
  LintSettings,
  LintSource,
  openLintTools,
  Severity,
  SlipwayLintConfig,
  Threshold,
} from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import type { Session } from '../session.ts';
import type { lintFlags } from './lint-flags.ts';

export type LintArguments = Arguments<(typeof lintFlags)[number]['name']>;
export type LintTools = Awaited<ReturnType<typeof openLintTools>>;

export interface LintSetup extends LintPlan {
  /** Folder of slipway.yaml, which its patterns start from; the current folder where there is none. */
  root: string;
  own: SlipwayLintConfig | undefined;
  /** Paths of the files that count. */
  files: string[];
}

/** @throws ERR_USAGE, ERR_SYNTAX with the place in a config file */
export async function readLintSetup(
  given: LintArguments,
  session: Session,
  parts: { linter: Linter; tools: LintTools },
): Promise<LintSetup> {
  const { linter, tools } = parts;
  const texts = new Map<string, string>();
  session.failure.readSource = (file) => texts.get(file);
  const read = (path: string): { name: string; text: string } => {
    const name = shortName(path, session.cwd);
    const text = readText(path, name);
    texts.set(name, text);
    return { name, text };
  };
  const chosen = chooseFiles(given, session, tools);
  const files: string[] = [];
  const environment = tools.readHadolintEnvironment(session.env);
  const warnings: ConfigWarning[] = [...environment.warnings];
  const hadolint: LintSource[] = [environment.source];
  if (chosen.hadolint !== undefined) {
    const { name, text } = read(chosen.hadolint);
    const found = await tools.readHadolintConfig(text, name);
    files.push(name);
    hadolint.push(found.source);
    warnings.push(...found.warnings);
  }
  let own: SlipwayLintConfig | undefined;
  if (chosen.slipway !== undefined) {
    const { name, text } = read(chosen.slipway);
    own = await tools.readSlipwayConfig(text, name);
    if (own) files.push(name);
  }
  const commandLine = readCommandLine(given, tools);
  const plan = tools.createPlan({ rules: linter.rules, hadolint, slipway: own, commandLine });
  return {
    ...plan,
    warnings: [...warnings, ...plan.warnings],
    root: chosen.slipway === undefined ? session.cwd : dirname(chosen.slipway),
    own,
    files,
  };
}

function chooseFiles(
  { texts, booleans }: LintArguments,
  { cwd, home, env }: Session,
  { hadolintConfigPaths, slipwayConfigNames }: LintTools,
): { hadolint: string | undefined; slipway: string | undefined } {
  if (booleans['no-config']) return { hadolint: undefined, slipway: undefined };
  const slipway = nearestFile(cwd, slipwayConfigNames);
  const named = texts.config;
  if (named === undefined)
    return { hadolint: hadolintConfigPaths(cwd, home, env['XDG_CONFIG_HOME']).find(existsSync), slipway };
  const path = resolve(cwd, named);
  return slipwayConfigNames.includes(basename(path))
    ? { hadolint: undefined, slipway: path }
    : { hadolint: path, slipway };
}

/** Every file that would count if it were there. */
export function configPaths(
  { cwd, home, env }: Session,
  { hadolintConfigPaths, slipwayConfigNames }: LintTools,
): string[] {
  const paths = hadolintConfigPaths(cwd, home, env['XDG_CONFIG_HOME']);
  for (let at = cwd; ; at = dirname(at)) {
    paths.push(...slipwayConfigNames.map((name) => join(at, name)));
    if (at === dirname(at) || existsSync(join(at, '.git'))) return paths;
  }
}

/** From a folder upwards, up to the top of its repository. */
function nearestFile(folder: string, names: readonly string[]): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const found = names.map((name) => join(at, name)).find(existsSync);
    if (found !== undefined) return found;
    if (at === dirname(at) || existsSync(join(at, '.git'))) return undefined;
  }
}

function readCommandLine({ texts, booleans, lists }: LintArguments, tools: LintTools): LintSource {
  const severity = (one: Severity) => (lists[one] ?? []).map((name) => ({ rule: { name }, severity: one }));
  return {
    ignored: (lists.ignore ?? []).map((name) => ({ name })),
    overrides: tools.severityNames.flatMap(severity),
    trustedRegistries: lists['trusted-registry'],
    labelSchema: readLabels(lists['require-label'] ?? [], tools),
    strictLabels: booleans['strict-labels'],
    noPragmas: booleans['disable-ignore-pragma'],
    failureThreshold: texts['failure-threshold'] as Threshold | undefined,
    noFail: booleans['no-fail'],
    noColor: booleans['no-color'],
    verbose: booleans.verbose,
    formats: lists.format,
    shellcheck: booleans.shellcheck,
    compat: texts.compat as LintSettings['compat'],
  };
}

function readLabels(
  labels: readonly string[],
  { labelTypes }: LintTools,
): NonNullable<LintSource['labelSchema']> {
  const schema: NonNullable<LintSource['labelSchema']> = {};
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

function shortName(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = systemCode(cause) === 'ENOENT';
    throw new SlipwayError('ERR_USAGE', missing ? `there is no file ${name}` : `${name} can't be read`, {
      hint: missing ? '--config names a config file' : undefined,
      cause,
    });
  }
}
