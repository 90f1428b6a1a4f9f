// DL3066: names of users are looked up in the image; numbers also hold where there is nothing to look up.
import { fixOf } from '../../fixes/parts.ts';
import { at, isOneOf, type LintRule, placeOf, stepsOf } from './walk.ts';

export const dl3066: LintRule = {
  code: 'DL3066',
  name: 'NamedUser',
  family: 'hadolint',
  description: 'USER should be a number, so that its rights can be checked before it runs',
  severity: 'info',
  scope: 'instruction',
  on: ['USER'],
  *check(file) {
    const args = new Set<string>();
    // Only whom the image runs as is looked at from outside.
    const last = file.compat
      ? undefined
      : file.stages.at(-1)?.steps.findLast((step) => isOneOf(step, ['USER']));
    for (const step of stepsOf(file, ['ARG', 'USER'])) {
      if (isOneOf(step, ['ARG'])) {
        for (const { name } of file.compat ? step.instruction.args.slice(0, 1) : step.instruction.args)
          args.add(name);
      } else if (isOneOf(step, ['USER']) && (last === undefined ? file.compat : step === last)) {
        const user = step.instruction.value.split(':', 1)[0]!;
        if (/^\d+$/.test(user)) continue;
        if ([...args].some((name) => user.includes(`$${name}`) || user.includes(`\${${name}}`))) continue;
        if (!file.compat && user.includes('$')) continue;
        const message = `USER ${user} is a name: with its number, runAsNonRoot and the like can tell who it is`;
        const range = placeOf(step, user);
        const fix = user === 'root' ? fixOf('suggested', 'Write 0', { range, text: '0' }) : undefined;
        yield { ...at(step, message, range), fix };
      }
    }
  },
};
