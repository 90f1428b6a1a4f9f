// The error of a build that asks for more isolation than there is: what would be taken, and what gives more. Pure.
import { SlipwayError } from '../errors.ts';
import { judgeLadder, type RungTrial } from './judge-ladder.ts';
import { isAtLeast, ladder, type Rung } from './ladder.ts';
import type { MachineFacts } from './machine-facts.ts';

export interface RefusalParts {
  /** Of what would be taken. */
  trial: RungTrial;
  require: Rung;
  facts: MachineFacts;
}

export function refusal({ trial, require, facts }: RefusalParts): SlipwayError {
  const { rung, name, lacks = [] } = trial;
  const part = isAtLeast(rung, require) && lacks.length > 0 ? `, without: ${lacks.join(', ')}` : '';
  const message = `--require=${require} is not met: steps would run ${ladder[rung].how} (${rung}, ${name}${part})`;
  // Root's right to mount in a user namespace is none on the machine.
  const isWithin = rung === 'rootless' || rung === 'rootless-single';
  const capabilities = facts.capabilities.filter((each) => !isWithin || each !== 'SYS_ADMIN');
  const wanted = judgeLadder([trial], { ...facts, capabilities }).find((each) => each.rung === require);
  const ways = (wanted?.missing ?? []).map(({ what, remedies }) => `${what}: ${remedies.join('; or ')}.`);
  const hint = [...ways, 'slipway doctor says more.'].join(' ');
  return new SlipwayError('ERR_RUNTIME_MISSING', message, { hint });
}
