// What would let steps run on a rung, as one hint for an error. Pure.
import { judgeLadder, type RungTrial } from './judge-ladder.ts';
import type { Rung } from './ladder.ts';
import type { MachineFacts } from './machine-facts.ts';

export interface WaysOptions {
  /** Any of these would do. */
  rungs: readonly Rung[];
  /** What was tried. */
  trials: readonly RungTrial[];
  facts: MachineFacts;
  /** Whether this process is in a user namespace: root's right to mount there is none on the machine. */
  isWithin: boolean;
}

export function waysTo({ rungs, trials, facts, isWithin }: WaysOptions): string {
  const capabilities = facts.capabilities.filter((each) => !isWithin || each !== 'SYS_ADMIN');
  const answers = judgeLadder(trials, { ...facts, capabilities });
  // Of a rung all is needed, of several one.
  const ways = rungs.map((rung) =>
    (answers.find((each) => each.rung === rung)?.missing ?? [])
      .map(({ what, remedies }) => `${what}: ${remedies.join('; or ')}.`)
      .join(' '),
  );
  const told = [...new Set(ways.filter((way) => way !== ''))].join(' Or: ');
  return `${told} slipway doctor says more.`.trim();
}
