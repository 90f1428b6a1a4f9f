// SC2154: a variable that nothing sets.

import { expansions, nameOf } from './expansions.ts';
import { isDefaulted, namesLookedAt } from './guarded.ts';
import { namesSet } from './names-set.ts';
import { shellRule } from './shell-rule.ts';

/** Set by the shell, or for it. Names in capitals come from outside. */
const known: ReadonlySet<string> = new Set(['_', 'histchars', 'auto_resume']);

export const sc2154 = shellRule({
  code: 'SC2154',
  name: 'UnsetVariable',
  description: 'A variable should be set before it is used',
  severity: 'warning',
  signs: ['$'],
  *check(code) {
    let set: ReadonlySet<string> | undefined;
    const told = new Set<string>();
    for (const place of expansions(code)) {
      const name = nameOf(place);
      if (!/^[A-Za-z_]\w*$/.test(name) || !/[a-z]/.test(name)) continue;
      if (known.has(name) || code.variables.has(name) || told.has(name) || isDefaulted(place)) continue;
      set ??= new Set([...namesSet(code), ...namesLookedAt(code)]);
      if (set.has(name)) continue;
      told.add(name);
      yield { place, message: `Nothing sets ${name}: neither this step nor ENV or ARG above it` };
    }
  },
});
