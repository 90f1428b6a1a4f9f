// Which rules settings leave on, and which of them a file can break at all.
import type { Rule, Severity } from './rule.ts';
import type { LintSettings } from './settings.ts';

export interface ActiveRule<R> {
  rule: R;
  severity: Severity;
  /** Settings give it the severity. */
  isSet: boolean;
}

type Severities = NonNullable<LintSettings['severities']>;
const noSeverities: Severities = {};

/** Of a list of rules those that are on, in its order; what files of the same settings share is worked out once. */
export function createRuleSet<Subject>(rules: readonly Rule<Subject>[]) {
  const byName = new Map<string, number[]>();
  /** Of names that begin so. */
  const byStart = new Map<string, number[]>();
  for (const [index, { on = [] }] of rules.entries())
    for (const name of on) {
      const [lists, key] = name.endsWith('*') ? [byStart, name.slice(0, -1)] : [byName, name];
      lists.set(key, [...(lists.get(key) ?? []), index]);
    }
  const known = new WeakMap<Severities, readonly (ActiveRule<Rule<Subject>> | undefined)[]>();

  function activate(severities: Severities): readonly (ActiveRule<Rule<Subject>> | undefined)[] {
    const found = known.get(severities);
    if (found !== undefined) return found;
    const made = rules.map((rule): ActiveRule<Rule<Subject>> | undefined => {
      const isSet = Object.hasOwn(severities, rule.code);
      const severity = isSet ? severities[rule.code]! : rule.off ? 'off' : rule.severity;
      return severity === 'off' ? undefined : { rule, severity, isSet };
    });
    known.set(severities, made);
    return made;
  }

  return {
    /** @param names of a file: rules that are `on` others are left out; undefined: none are */
    activeFor(
      { severities = noSeverities }: LintSettings,
      names?: ReadonlySet<string>,
    ): readonly ActiveRule<Rule<Subject>>[] {
      const all = activate(severities);
      const isAsked = new Uint8Array(rules.length);
      const ask = (indexes: readonly number[]) => {
        for (const index of indexes) isAsked[index] = 1;
      };
      if (names !== undefined)
        for (const name of names) {
          ask(byName.get(name) ?? []);
          for (const [start, indexes] of byStart) if (name.startsWith(start)) ask(indexes);
        }
      const active: ActiveRule<Rule<Subject>>[] = [];
      for (const [index, one] of all.entries())
        if (one !== undefined && (names === undefined || one.rule.on === undefined || isAsked[index] === 1))
          active.push(one);
      return active;
    },
  };
}
