// The build checks at work: what they find in a request's Dockerfile, and telling it before a build's steps run.
import type { BuildRequest, CheckFinding, CheckResult } from '../build-request.ts';
import { readIgnorePatterns } from '../dockerfile/ignore.ts';
import { SlipwayError } from '../errors.ts';
import type { ResolvedBase } from '../graph/plan.ts';
import { readCheckOptions, unknownRules } from '../lint/check-options.ts';
import { checkDockerfile } from '../lint/lint.ts';
import { buildChecks } from '../lint/rules/index.ts';
import type { OnEvent } from '../solver/events.ts';
import type { BuildDefinition } from './definition.ts';
import { buildArguments, thisPlatform } from './plan-build.ts';

export interface CheckParts {
  request: BuildRequest;
  definition: BuildDefinition;
  /** By imageKey(op); undefined: nothing is known of base images, and all stages are checked unless a target is named. */
  bases: ReadonlyMap<string, ResolvedBase> | undefined;
}

export function checkDefinition({ request, definition, bases }: CheckParts): CheckResult {
  const { dockerfile } = definition;
  const buildArgs = buildArguments(request);
  const buildPlatform = thisPlatform();
  const found = checkDockerfile({
    dockerfile,
    buildArgs,
    buildPlatform,
    targetPlatform: request.platforms[0] ?? buildPlatform,
    target: request.target || undefined,
    onlyReached: bases !== undefined,
    bases,
    contexts: definition.contexts,
    ignorePatterns: readIgnorePatterns(definition.ignore),
  });
  const findings = found.map(({ rule, message, severity, range }): CheckFinding => {
    const description = buildChecks.find(({ name }) => name === rule)?.description ?? '';
    return { rule, description, message, severity, place: { file: dockerfile.file, range } };
  });
  return { findings, failed: findings.length > 0 && readCheckOptions(dockerfile, buildArgs).error };
}

const ruleNames = buildChecks.map(({ name }) => name);

/** Warns of rules that `check=` names and that are not there. */
export function reportUnknownRules(
  { request, definition }: Pick<CheckParts, 'request' | 'definition'>,
  onEvent: OnEvent,
  now: () => number,
): void {
  const { dockerfile } = definition;
  for (const { message, hint, range } of unknownRules(dockerfile, buildArguments(request), ruleNames)) {
    const place = range && { file: dockerfile.file, range };
    onEvent({
      type: 'warning',
      message,
      ...(hint ? { hint } : {}),
      ...(place ? { place } : {}),
      time: now(),
    });
  }
}

/**
 * Tells what the checks find in the stages of a build as warnings.
 * @throws ERR_CHECK where the file or a build argument says that findings are errors.
 */
export function reportFindings(parts: CheckParts, onEvent: OnEvent, now: () => number): void {
  reportUnknownRules(parts, onEvent, now);
  const { findings, failed } = checkDefinition(parts);
  for (const { rule, message, place } of findings)
    onEvent({ type: 'warning', message: `${rule}: ${message}`, place, time: now() });
  if (!failed) return;
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  throw new SlipwayError('ERR_CHECK', `lint violation found for rules: ${rules.join(', ')}`, {
    place: findings[0]!.place,
    hint: `mend the lines in the warnings, or leave rules out with # check=skip=${rules.join(',')};error=true`,
  });
}
