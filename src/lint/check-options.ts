// Which rules `# check=` leaves on: at the top of a file, in a build argument, above an instruction.
import { type CheckOptions, parseCheck } from '../dockerfile/directives.ts';
import type { Dockerfile, Instruction } from '../dockerfile/instruction.ts';
import { isSlipwayError, SlipwayError } from '../errors.ts';
import type { Rule } from './rule.ts';

const buildArg = 'BUILDKIT_DOCKERFILE_CHECK';

/**
 * The options of a whole file. The build argument BUILDKIT_DOCKERFILE_CHECK replaces those that the file has.
 * @throws ERR_USAGE for a build argument that can't be read.
 */
export function readCheckOptions(dockerfile: Dockerfile, buildArgs: Record<string, string>): CheckOptions {
  const given = buildArgs[buildArg];
  const directive = dockerfile.directives.find(({ name }) => name === 'check');
  if (given === undefined) return parseCheck(directive?.value ?? '');
  try {
    return parseCheck(given);
  } catch (cause) {
    if (!isSlipwayError(cause)) throw cause;
    throw new SlipwayError('ERR_USAGE', `the build argument ${buildArg}: ${cause.message}`, {
      hint: cause.hint,
      cause,
    });
  }
}

/** Options with those of the comment above an instruction added: its first `check=` up to a blank. `error` stays. */
export function withComments(options: CheckOptions, instruction: Instruction): CheckOptions {
  const value = instruction.comments.map((comment) => /^check=(\S+)/.exec(comment)?.[1]).find(Boolean);
  if (value === undefined) return options;
  try {
    const own = parseCheck(value);
    return {
      skip: union(options.skip, own.skip),
      error: options.error,
      experimental: union(options.experimental, own.experimental),
    };
  } catch {
    return options;
  }
}

function union(one: string[] | 'all', other: string[] | 'all'): string[] | 'all' {
  return one === 'all' || other === 'all' ? 'all' : [...one, ...other];
}

/** An experimental rule is on where it is asked for, any other where it is not skipped. */
export function isOn(rule: Rule, options: CheckOptions): boolean {
  const names = (list: string[] | 'all') => list === 'all' || list.includes(rule.name);
  return rule.experimental ? names(options.experimental) : !names(options.skip);
}
