// Matches a path with a pattern by going through all ways at once: in time in proportion to path times pattern, whatever it holds.
import type { Token } from './ignore-tokens.ts';

/** Odd states are inside of folders. */
export function createStepMatcher(tokens: readonly Token[]): (path: string) => boolean {
  const classes = tokens.map((token) =>
    token.kind === 'class' ? new RegExp(`^${token.source}$`, 'su') : undefined,
  );
  const end = 2 * tokens.length;
  /** For each state the last sign in front of which it was reached. */
  const reached = new Int32Array(end + 2);
  let now = 0;
  /** The last state that any sign leaves as it is: what leads on from those before it leads over it, too, and now as well as later. */
  let floor = 0;

  /** With all states that nothing need be read for. */
  function add(states: number[], state: number): void {
    for (let next = state; reached[next] !== now; next += 2) {
      reached[next] = now;
      states.push(next);
      const kind = next % 2 === 0 ? tokens[next / 2]?.kind : undefined;
      if (kind === 'any' && next > floor) floor = next;
      if (kind === 'folders' && reached[next + 1] !== now) {
        reached[next + 1] = now;
        states.push(next + 1);
      }
      if (kind !== 'star' && kind !== 'any' && kind !== 'folders') return;
    }
  }

  function step(state: number, sign: string, to: number[]): void {
    if (state % 2 === 1) {
      if (reached[state] !== now) {
        reached[state] = now;
        to.push(state);
      }
      if (sign === '/') add(to, state + 1);
      return;
    }
    const token = tokens[state / 2];
    const stays = token?.kind === 'any' || (token?.kind === 'star' && sign !== '/');
    const goesOn =
      (token?.kind === 'one' && sign !== '/') ||
      (token?.kind === 'literal' && token.sign === sign) ||
      classes[state / 2]?.test(sign);
    if (stays) add(to, state);
    else if (goesOn) add(to, state + 2);
  }

  return (path) => {
    reached.fill(0);
    now = 1;
    floor = 0;
    let states: number[] = [];
    add(states, 0);
    for (const sign of path) {
      now++;
      const next: number[] = [];
      for (const state of states) if (state >= floor) step(state, sign, next);
      if (next.length === 0) return false;
      states = next;
    }
    return reached[end] === now;
  };
}
