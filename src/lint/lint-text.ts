// Lints the text of a Dockerfile: runs the rules of every family, leaves out what comments and settings leave out, and
// reports once what two rules say.
import type { CheckOptions } from '../dockerfile/directives.ts';
import type { Instruction } from '../dockerfile/instruction.ts';
import type { SlipwayError } from '../errors.ts';
import { buildMistakes } from './build-mistakes.ts';
import { isOn, readCheckOptions, withComments } from './check-options.ts';
import { compatLines, parseFailure } from './compat.ts';
import { checkFixes } from './fixes/check-fixes.ts';
import { type LintFile, readLintFile } from './lint-file.ts';
import { createSilencer } from './pragmas.ts';
import { byPlace, type Finding, type Rule, toFinding } from './rule.ts';
import { dlRules } from './rules/dl/index.ts';
import { buildChecks } from './rules/index.ts';
import { scRules } from './rules/sc/index.ts';
import { swRules } from './rules/sw/index.ts';
import type { LintSettings } from './settings.ts';
import { tolerate } from './tracked-expansion.ts';

/** The code of what can't be parsed. */
export const syntaxCode = 'DL1000';

/**
 * What the linter says of a text, in the order of the file. What can't be parsed is a finding, too, and costs no more
 * than its instruction. @throws nothing that the text is to blame for
 */
export function lintText(text: string, name: string, settings: LintSettings = {}): Finding[] {
  const file = readLintFile(text, name, settings);
  if (file.compat) return lintAsHadolint(file);
  const findings = [...syntaxFindings(file), ...checkFindings(file)];
  if (settings.compat === 'buildkit') return findings.sort(byPlace);
  findings.push(...ruleFindings(file));
  return withoutDoubles(findings, settings).sort(byPlace);
}

function lintAsHadolint(file: LintFile): Finding[] {
  const failure = parseFailure(file);
  if (failure !== undefined) return [toFinding(syntaxCode, 'error', failure)];
  return compatLines(ruleFindings(file));
}

function severityOf(
  rule: Rule<LintFile> | Rule,
  { severities = {} }: LintSettings,
): Finding['severity'] | 'off' {
  if (Object.hasOwn(severities, rule.code)) return severities[rule.code]!;
  return rule.off ? 'off' : rule.severity;
}

function syntaxFindings(file: LintFile): Finding[] {
  const { errors, stages, steps } = file;
  const top = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  // BuildKit gets whatever frontend is named.
  const isForeign = ({ code }: SlipwayError) => code === 'ERR_UNSUPPORTED';
  const own = file.settings.compat === 'buildkit' ? errors.filter((error) => !isForeign(error)) : errors;
  const errorsOf: Pick<SlipwayError, 'message' | 'hint' | 'place'>[] = [...own];
  // What stands there without a FROM is told of by DL3061.
  if (
    stages.length === 0 &&
    steps.every(({ instruction }) => instruction.keyword === 'ARG') &&
    errors.length === 0
  )
    errorsOf.push({ message: 'there is no FROM', hint: 'begin with FROM image', place: undefined });
  const reports = errorsOf.map(({ message, hint, place }) => {
    const whole = hint === undefined ? message : `${message}: ${hint}`;
    return { message: whole, range: place?.range ?? top, instruction: undefined };
  });
  return [...reports, ...buildMistakes(file)].map((report) => toFinding(syntaxCode, 'error', report));
}

const known = [...dlRules, ...scRules];
const all = [...known, ...swRules];

function ruleFindings(file: LintFile): Finding[] {
  const isSilenced = file.settings.noPragmas ? () => false : createSilencer(file);
  const options = readOptions(file);
  const findings: Finding[] = [];
  for (const rule of file.compat ? known : all) {
    const severity = severityOf(rule, file.settings);
    if (severity === 'off' || rule.on?.some((name) => file.index.has(name)) === false) continue;
    const isSet = Object.hasOwn(file.settings.severities ?? {}, rule.code);
    for (const report of rule.check(file)) {
      const own = isSet ? severity : (report.severity ?? severity);
      const finding = toFinding(rule.code, own, report);
      const codes = file.compat ? [rule.code] : [rule.code, rule.name, ...(rule.overlaps ?? [])];
      if (rule.family === 'slipway' && isSkipped(file, rule, { options, instruction: report.instruction }))
        continue;
      if (!codes.some((code) => isSilenced(code, finding.line))) findings.push(finding);
    }
  }
  return findings;
}

/** What `# check=` at the top says. */
function readOptions({ dockerfile, settings }: LintFile): CheckOptions {
  const none = { skip: [], experimental: [], error: false };
  return tolerate(() => readCheckOptions(dockerfile, settings.buildArgs ?? {}), none);
}

/** Rules of our own go by `# check=`, too. */
function isSkipped(
  { settings }: LintFile,
  { code, name }: Rule<LintFile>,
  { options, instruction }: { options: CheckOptions; instruction: Instruction | undefined },
): boolean {
  if (settings.noPragmas) return false;
  const { skip } = instruction === undefined ? options : withComments(options, instruction);
  return skip === 'all' || skip.includes(code) || skip.includes(name);
}

/** BuildKit's checks, under the comments that BuildKit reads; without compat hadolint's count, too. */
function checkFindings(file: LintFile): Finding[] {
  const analysis = file.analysis();
  if (analysis === undefined) return [];
  const { settings } = file;
  const options = readOptions(file);
  const isSilenced = settings.noPragmas || settings.compat ? () => false : createSilencer(file);
  const findings = new Map<string, Finding>();
  const stepOf = new Map(file.steps.map((step) => [step.instruction, step]));
  for (const rule of buildChecks) {
    const severity = severityOf(rule, settings);
    if (severity === 'off') continue;
    for (const report of rule.check(analysis)) {
      const { instruction } = report;
      const own = rule.scope === 'instruction' && instruction ? withComments(options, instruction) : options;
      const isRaised = rule.experimental && Object.hasOwn(settings.severities ?? {}, rule.code);
      if (!settings.noPragmas && !isRaised && !isOn(rule, own)) continue;
      const finding = toFinding(rule.code, severity, report);
      const codes = [rule.code, ...(aliases.get(rule.code) ?? [])];
      if (codes.some((code) => isSilenced(code, finding.line))) continue;
      const { line, column } = finding.range.start;
      const makeFix = checkFixes[rule.code];
      const step = makeFix && instruction && stepOf.get(instruction);
      const fix = step && makeFix?.(step, file, report.message);
      if (fix !== undefined) finding.fix = fix;
      findings.set(`${rule.code} ${line}:${column} ${finding.message}`, finding);
    }
  }
  return [...findings.values()];
}

/** Pairs of rules that say the same: hadolint's, then the other. */
const pairs = dlRules.flatMap(({ code, overlaps = [] }) => overlaps.map((other) => [code, other] as const));
/** hadolint's codes by the code of the rule that says the same. */
const aliases = new Map<string, string[]>();
for (const [code, other] of pairs) aliases.set(other, [...(aliases.get(other) ?? []), code]);

/** Of findings of rules that overlap, on one instruction, keeps those of the family that is preferred. */
function withoutDoubles(findings: readonly Finding[], { prefer = 'hadolint' }: LintSettings): Finding[] {
  const dropped = new Set<Finding>();
  for (const [code, other] of pairs) {
    const [kept, left] = prefer === 'hadolint' ? [code, other] : [other, code];
    const doubles = findings.filter(({ rule }) => rule === left);
    if (doubles.length === 0) continue;
    const lines = new Set(findings.filter(({ rule }) => rule === kept).map(lineOf));
    for (const finding of doubles) if (lines.has(lineOf(finding))) dropped.add(finding);
  }
  return findings.filter((finding) => !dropped.has(finding));
}

const lineOf = ({ line }: Finding) => line;
