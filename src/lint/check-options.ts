// Which rules `# check=` leaves on: at the top of a file, in a build argument, above an instruction.
import { type CheckOptions, parseCheck } from '../dockerfile/directives.ts';
import type { Dockerfile, Instruction } from '../dockerfile/instruction.ts';
import { isSlipwayError, SlipwayError, type SourceRange } from '../errors.ts';
import { nearest } from '../nearest.ts';
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
  if (instruction.comments.length === 0) return options;
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

/** Rules that are named and are not there: each with the place of the directive, or none for a build argument. */
export function unknownRules(
  dockerfile: Dockerfile,
  buildArgs: Record<string, string>,
  rules: readonly string[],
): { message: string; hint: string | undefined; range: SourceRange | undefined }[] {
  const directive = dockerfile.directives.find(({ name }) => name === 'check');
  const range = buildArgs[buildArg] === undefined ? directive?.range : undefined;
  const lists = [{ options: readCheckOptions(dockerfile, buildArgs), range }];
  for (const instruction of dockerfile.instructions) {
    const own = withComments({ skip: [], error: false, experimental: [] }, instruction);
    lists.push({ options: own, range: instruction.range });
  }
  return lists.flatMap(({ options, range: at }) =>
    [options.skip, options.experimental]
      .flatMap((list) => (list === 'all' ? [] : list))
      // The linter's own codes are none of a build's business.
      .filter((name) => name !== '' && !rules.includes(name) && !/^(?:DL|SC|SW)\d+$/.test(name))
      .map((name) => ({
        message: `check: there is no rule ${JSON.stringify(name)}`,
        hint: nearest(name, rules) && `did you mean ${nearest(name, rules)}?`,
        range: at,
      })),
  );
}
