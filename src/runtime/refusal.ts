// The error of a build that asks for more isolation than there is: what would be taken, and what gives more. Pure.
import { SlipwayError } from '../errors.ts';
import type { RungTrial } from './judge-ladder.ts';
import { isAtLeast, ladder, type Rung } from './ladder.ts';
import type { MachineFacts } from './machine-facts.ts';
import { waysTo } from './ways.ts';

export interface RefusalParts {
  /** Of what would be taken. */
  trial: RungTrial;
  require: Rung;
  facts: MachineFacts;
}

export function refusal({ trial, require, facts }: RefusalParts): SlipwayError {
  const { rung, name, lacks = [] } = trial;
  const part = isAtLeast(rung, require) && lacks.length > 0 ? `, without: ${lacks.join(', ')}` : '';
  const by = name === rung ? rung : `${rung}, by ${name}`;
  const message = `--require=${require} is not met: steps would run ${ladder[rung].how} (${by}${part})`;
  const isWithin = rung === 'rootless' || rung === 'rootless-single';
  const hint = waysTo({ rungs: [require], trials: [trial], facts, isWithin });
  return new SlipwayError('ERR_RUNTIME_MISSING', message, { hint });
}
