// The filter of system calls for steps on this machine.
import { compileFilter, encodeFilter } from './filter.ts';
import { profileOf, type Rule } from './profile.ts';

/** The number of kill(2) by the ABI. */
const killNumbers: Readonly<Record<number, number>> = {
  ...{ 3221225534: 62, 1073741827: 37, 3221225655: 129, 1073741864: 37 },
};
const everybody = 0xffffffff;
const notEverybody: Rule = { type: 'none of', values: [everybody], last: everybody };

const compiled = new Map<boolean, Buffer | undefined>();

/**
 * Put together once; undefined for a machine that there is no profile for.
 * @param alone the step has process ids of its own: else a signal to everybody (`kill -1`) would reach the builder, and is refused.
 */
export function stepFilter(alone = true): Buffer | undefined {
  if (!compiled.has(alone)) {
    const profile = profileOf(process.arch)?.map((abi) => {
      if (alone) return abi;
      return { ...abi, rules: new Map(abi.rules).set(killNumbers[abi.audit]!, notEverybody) };
    });
    compiled.set(alone, profile && encodeFilter(compileFilter(profile)));
  }
  return compiled.get(alone);
}
