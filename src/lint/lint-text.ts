// Lints the text of a Dockerfile: runs the rules of every family, leaves out what comments and settings leave out, and
// reports once what two rules say.
import type { CheckOptions } from '../dockerfile/directives.ts';
import type { Instruction } from '../dockerfile/instruction.ts';
import type { SlipwayError } from '../errors.ts';
import { createRuleSet } from './active-rules.ts';
import { buildMistakes } from './build-mistakes.ts';
import { isOn, readCheckOptions, withComments } from './check-options.ts';
import { compatLines, parseFailure } from './compat.ts';
import { checkFixes } from './fixes/check-fixes.ts';
import { type LintFile, readLintFile } from './lint-file.ts';
import { createSilencer } from './pragmas.ts';
import { addFix, byPlace, type Finding, type Rule, toFinding } from './rule.ts';
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
  const comments = readComments(file);
  if (file.compat) return lintAsHadolint(file, comments);
  const findings = [...syntaxFindings(file), ...checkFindings(file, comments)];
  if (settings.compat === 'buildkit') return findings.sort(byPlace);
  findings.push(...ruleFindings(file, comments));
  return withoutDoubles(findings, settings).sort(byPlace);
}

function lintAsHadolint(file: LintFile, comments: Comments): Finding[] {
  const failure = parseFailure(file);
  if (failure !== undefined) return [toFinding(syntaxCode, 'error', failure)];
  return compatLines(ruleFindings(file, comments));
}

/** What comments of a file leave out. */
interface Comments {
  /** By hadolint's; undefined where there are none of them. */
  isSilenced: ((code: string, line: number) => boolean) | undefined;
  /** What `# check=` at the top says. */
  options: CheckOptions;
}

function readComments(file: LintFile): Comments {
  const { dockerfile, settings } = file;
  const none = { skip: [], experimental: [], error: false };
  return {
    isSilenced: settings.noPragmas ? undefined : createSilencer(file),
    options: tolerate(() => readCheckOptions(dockerfile, settings.buildArgs ?? {}), none),
  };
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
const hadolintRules = createRuleSet(known);
const ownRules = createRuleSet(all);
const buildRules = createRuleSet(buildChecks);
/** What comments may call a rule; hadolint knows its code alone. */
const namesOf = new Map(all.map((rule) => [rule, [rule.code, rule.name, ...(rule.overlaps ?? [])]]));

function ruleFindings(file: LintFile, { isSilenced, options }: Comments): Finding[] {
  const { settings, index, compat } = file;
  const findings: Finding[] = [];
  const rules = compat ? hadolintRules : ownRules;
  for (const { rule, severity, isSet } of rules.activeFor(settings, index.names(file))) {
    for (const report of rule.check(file)) {
      const finding = toFinding(rule.code, isSet ? severity : (report.severity ?? severity), report);
      if (rule.family === 'slipway' && isSkipped(file, rule, { options, instruction: report.instruction }))
        continue;
      const codes = isSilenced && (compat ? [rule.code] : namesOf.get(rule)!);
      if (codes?.some((code) => isSilenced!(code, finding.line))) continue;
      findings.push(settings.fixes === false ? finding : addFix(finding, report));
    }
  }
  return findings;
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
function checkFindings(file: LintFile, { isSilenced, options }: Comments): Finding[] {
  const analysis = file.analysis();
  if (analysis === undefined) return [];
  const { settings } = file;
  const findings = new Map<string, Finding>();
  for (const { rule, severity, isSet } of buildRules.activeFor(settings)) {
    for (const report of rule.check(analysis)) {
      const { instruction } = report;
      const own = rule.scope === 'instruction' && instruction ? withComments(options, instruction) : options;
      const isRaised = rule.experimental && isSet;
      if (!settings.noPragmas && !isRaised && !isOn(rule, own)) continue;
      const finding = toFinding(rule.code, severity, report);
      // BuildKit does not know hadolint's comments.
      if (isSilenced !== undefined && settings.compat === undefined) {
        const codes = [rule.code, ...(aliases.get(rule.code) ?? [])];
        if (codes.some((code) => isSilenced(code, finding.line))) continue;
      }
      const { line, column } = finding.range.start;
      const makeFix = settings.fixes === false ? undefined : checkFixes[rule.code];
      const step = makeFix && instruction && file.steps.find((one) => one.instruction === instruction);
      const fix = step && makeFix?.(step, file, report.message);
      if (fix !== undefined) finding.fix = fix;
      findings.set(`${rule.code} ${line}:${column} ${finding.message}`, finding);
    }
  }
  return [...findings.values()];
}

/** Pairs of rules that say the same: hadolint's, then the other. */
const pairs = dlRules.flatMap(({ code, overlaps = [] }) => overlaps.map((other) => [code, other] as const));
const paired = new Set(pairs.flat());
/** hadolint's codes by the code of the rule that says the same. */
const aliases = new Map<string, string[]>();
for (const [code, other] of pairs) aliases.set(other, [...(aliases.get(other) ?? []), code]);

/** Of findings of rules that overlap, on one instruction, keeps those of the family that is preferred. */
function withoutDoubles(findings: readonly Finding[], { prefer = 'hadolint' }: LintSettings): Finding[] {
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (!paired.has(finding.rule)) continue;
    const own = byRule.get(finding.rule);
    if (own === undefined) byRule.set(finding.rule, [finding]);
    else own.push(finding);
  }
  const dropped = new Set<Finding>();
  for (const [code, other] of pairs) {
    const [kept, left] = prefer === 'hadolint' ? [code, other] : [other, code];
    const lines = byRule.get(kept)?.map(lineOf);
    if (lines === undefined) continue;
    for (const finding of byRule.get(left) ?? []) if (lines.includes(finding.line)) dropped.add(finding);
  }
  return dropped.size === 0 ? [...findings] : findings.filter((finding) => !dropped.has(finding));
}

const lineOf = ({ line }: Finding) => line;
