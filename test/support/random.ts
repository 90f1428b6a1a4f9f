// A seeded source of choices: the same seed gives the same choices on every machine.

export interface Random {
  /** 0 to `below` - 1. */
  number(below: number): number;
  chance(percent: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Up to `most` different ones, at least one. */
  some<T>(list: readonly T[], most: number): T[];
}

export function createRandom(seed: number): Random {
  // A linear congruence with a mixed output: far from cryptography, and enough to spread choices.
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let mixed = state ^ (state >>> 15);
    mixed = Math.imul(mixed, 0x2c1b3c6d);
    mixed ^= mixed >>> 12;
    return mixed >>> 0;
  };
  const random: Random = {
    number: (below) => next() % below,
    chance: (percent) => next() % 100 < percent,
    pick: (list) => list[next() % list.length]!,
    some(list, most) {
      const rest = [...list];
      const count = 1 + random.number(Math.min(most, rest.length));
      return Array.from({ length: count }, () => rest.splice(random.number(rest.length), 1)[0]!);
    },
  };
  return random;
}
