// The build checks at work: before the steps of a build, and on their own for --check.
import type { BuildRequest, CheckFinding, CheckResult } from '../build-request.ts';
import { readIgnorePatterns } from '../dockerfile/ignore.ts';
import type { CallOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { ResolvedBase } from '../graph/plan.ts';
import { readCheckOptions } from '../lint/check-options.ts';
import { checkDockerfile } from '../lint/lint.ts';
import { buildChecks } from '../lint/rules/index.ts';
import type { OnEvent } from '../solver/events.ts';
import type { BuildDefinition } from './definition.ts';
import { buildArguments, thisPlatform } from './plan-build.ts';
import { loadDefinition } from './run-build.ts';

interface CheckParts {
  request: BuildRequest;
  definition: BuildDefinition;
  /** By imageKey(op); undefined: nothing is known of base images, and all stages are checked unless a target is named. */
  bases: ReadonlyMap<string, ResolvedBase> | undefined;
}

function check({ request, definition, bases }: CheckParts): CheckResult {
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

/** `--check`. @throws as reading and parsing the Dockerfile does. */
export async function checkRequest(request: BuildRequest, call: CallOptions): Promise<CheckResult> {
  return check({ request, definition: await loadDefinition(request, call), bases: undefined });
}

/**
 * Tells what the checks find in the stages of a build as warnings.
 * @throws ERR_CHECK where the file or a build argument says that findings are errors.
 */
export function reportFindings(parts: CheckParts, onEvent: OnEvent, now: () => number): void {
  const { findings, failed } = check(parts);
  for (const { rule, message, place } of findings)
    onEvent({ type: 'warning', message: `${rule}: ${message}`, place, time: now() });
  if (!failed) return;
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  throw new SlipwayError('ERR_CHECK', `lint violation found for rules: ${rules.join(', ')}`, {
    place: findings[0]!.place,
    hint: `mend the lines in the warnings, or leave rules out with # check=skip=${rules.join(',')};error=true`,
  });
}
