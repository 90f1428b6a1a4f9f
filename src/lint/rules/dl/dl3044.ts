// DL3044: the pairs of one ENV do not see each other.
import { at, isOneOf, type LintRule, placeOf, unquote } from './walk.ts';

export const dl3044: LintRule = {
  code: 'DL3044',
  name: 'EnvWithinItself',
  family: 'hadolint',
  description: 'ENV should not use a variable that it sets itself',
  severity: 'error',
  scope: 'instruction',
  on: ['ENV'],
  *check(file) {
    const known = new Set<string>(file.compat ? [] : ['PATH']);
    for (const step of file.steps) {
      if (isOneOf(step, ['ARG'])) {
        const { args } = step.instruction;
        for (const { name } of file.compat ? args.slice(0, 1) : args) known.add(name);
      }
      if (!isOneOf(step, ['ENV']) || step.instruction.keyword !== 'ENV') continue;
      const { pairs } = step.instruction;
      const keys = pairs.map(({ key }) => unquote(key));
      const users = usersOf(pairs.map(({ value }) => value));
      const used = keys.find(
        (key, own) => !known.has(key) && users.get(key)?.some((index) => index !== own) === true,
      );
      if (used !== undefined) {
        const message = `$${used} has no value here yet: ENV sets it only behind this line. Use two ENVs`;
        const braced = `\${${used}}`;
        const written = step.statement.text.includes(braced) ? braced : `$${used}`;
        yield at(step, message, placeOf(step, written));
      }
      for (const key of keys) known.add(key);
    }
  },
};

/** Which of some values use a variable, by its name. */
function usersOf(values: readonly string[]): Map<string, number[]> {
  const users = new Map<string, number[]>();
  for (const [index, value] of values.entries()) {
    for (const found of value.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
      const name = found[1] ?? found[2]!;
      users.set(name, [...(users.get(name) ?? []), index]);
    }
  }
  return users;
}
