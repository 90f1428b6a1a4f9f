// Runs rules over a Dockerfile and keeps what nobody silenced.
import { analyse, type LintInput } from './analysis.ts';
import { isOn, readCheckOptions, withComments } from './check-options.ts';
import { byPlace, type Finding, type Report, toFinding } from './rule.ts';
import { buildChecks } from './rules/index.ts';

/**
 * What the build checks find, in the order of the file, each finding once.
 * @throws ERR_SYNTAX, ERR_EXPANSION, ERR_UNKNOWN_TARGET where stages and global ARGs can't be made out, ERR_USAGE for a
 * build argument BUILDKIT_DOCKERFILE_CHECK that can't be read.
 */
export function checkDockerfile(input: LintInput): Finding[] {
  const options = readCheckOptions(input.dockerfile, input.buildArgs);
  const analysis = analyse(input);
  const findings = new Map<string, Finding>();
  for (const rule of buildChecks) {
    const counts = ({ instruction }: Report) =>
      isOn(
        rule,
        rule.scope === 'instruction' && instruction !== undefined
          ? withComments(options, instruction)
          : options,
      );
    for (const found of rule.check(analysis)) {
      if (!counts(found)) continue;
      const finding = toFinding(rule.code, rule.severity, found);
      const { line, column } = finding.range.start;
      findings.set(`${rule.name} ${line}:${column} ${finding.message}`, finding);
    }
  }
  return [...findings.values()].sort(byPlace);
}
