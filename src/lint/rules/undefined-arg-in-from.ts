// UndefinedArgInFrom: FROM sees the ARGs in front of the first FROM and the platform arguments, nothing else.
import { didYouMean } from '../did-you-mean.ts';
import { type Rule, report } from '../rule.ts';

export const undefinedArgInFrom: Rule = {
  code: 'UndefinedArgInFrom',
  name: 'UndefinedArgInFrom',
  family: 'buildkit',
  description: 'FROM should use only variables that an ARG above it declares',
  severity: 'warning',
  scope: 'instruction',
  *check({ stages, bases, globals, globalEnv }) {
    const declared = globals.flatMap(({ args }) => args.map(({ name }) => name));
    const known = [...new Set([...globalEnv.entries().map(([name]) => name), ...declared])];
    for (const stage of stages) {
      const { nameVariables, platformVariables } = bases.get(stage)!;
      for (const name of [...nameVariables.unset, ...platformVariables.unset]) {
        if (declared.includes(name)) continue;
        yield report(stage.from, `FROM argument '${name}' is not declared${didYouMean(name, known)}`);
      }
    }
  },
};
