// A regular expression as a list of steps, and all ways through it walked at once: in time in proportion to expression times text.
import { isWordSign } from './signs.ts';
import { type Assertion, type Node, noExpression, type SignTest } from './syntax.ts';

type Step =
  | { kind: 'sign'; takes: SignTest }
  /** The first is the better one. */
  | { kind: 'split'; first: number; second: number }
  | { kind: 'jump'; to: number }
  | { kind: 'save'; slot: number }
  | { kind: 'assertion'; what: Assertion }
  | { kind: 'found' };

export type Program = readonly Step[];

/** Steps of an expression whose repetitions are written out. */
const longest = 10_000;

/** @throws ERR_EXPANSION for an expression that is too large */
export function compileProgram(node: Node, source: string): Program {
  const steps: Step[] = [];
  const emit = (step: Step): number => {
    if (steps.length >= longest) throw noExpression(source, 'it is too large');
    return steps.push(step) - 1;
  };
  /** A choice between what follows and what is to be told, in this order or the other. */
  const split = (greedy: boolean): ((other: number) => void) => {
    const at = emit({ kind: 'split', first: 0, second: 0 });
    return (other) => {
      steps[at] = { kind: 'split', first: greedy ? at + 1 : other, second: greedy ? other : at + 1 };
    };
  };

  function add(part: Node): void {
    switch (part.kind) {
      case 'sign':
      case 'assertion':
        emit(part);
        return;
      case 'sequence':
        for (const one of part.parts) add(one);
        return;
      case 'group':
        emit({ kind: 'save', slot: 2 * part.index });
        add(part.part);
        emit({ kind: 'save', slot: 2 * part.index + 1 });
        return;
      case 'either':
        addEither(part.parts);
        return;
      case 'repeat':
        addRepeat(part);
    }
  }

  function addEither(parts: readonly Node[]): void {
    const ends: number[] = [];
    for (const [index, part] of parts.entries()) {
      const skip = index < parts.length - 1 ? split(true) : undefined;
      add(part);
      if (skip) {
        ends.push(emit({ kind: 'jump', to: 0 }));
        skip(steps.length);
      }
    }
    for (const end of ends) steps[end] = { kind: 'jump', to: steps.length };
  }

  function addRepeat({ part, least, most, greedy }: Node & { kind: 'repeat' }): void {
    const begin = steps.length;
    for (let count = 0; count < least; count++) {
      add(part);
      // What takes nothing is the same however often it stands there.
      if (steps.length === begin) break;
    }
    if (most === undefined) {
      const again = steps.length;
      const leave = split(greedy);
      add(part);
      emit({ kind: 'jump', to: again });
      leave(steps.length);
      return;
    }
    const skips: ((other: number) => void)[] = [];
    for (let count = least; count < most; count++) {
      skips.push(split(greedy));
      add(part);
    }
    for (const skip of skips) skip(steps.length);
  }

  add(node);
  emit({ kind: 'found' });
  return steps;
}

interface Walker {
  at: number;
  /** Where groups begin and end, by slot; the first two are the match's own, and set at its end. */
  slots: readonly number[];
}

/** Where a match begins and ends, then its groups; -1 for groups that took no part. @param spend told of each step that is tried */
export function runProgram(
  program: Program,
  { text, from, spend }: { text: string; from: number; spend: (steps: number) => void },
): readonly number[] | undefined {
  const reached = new Int32Array(program.length).fill(-1);
  let found: readonly number[] | undefined;
  let walkers: Walker[] = [];
  spend(program.length >> 3);
  for (let place = from; ; ) {
    if (!found) reach(walkers, { at: 0, slots: [place] }, place);
    const sign = text.codePointAt(place) ?? -1;
    const after = place + (sign > 0xffff ? 2 : 1);
    const next: Walker[] = [];
    spend(walkers.length + 1);
    for (const { at, slots } of walkers) {
      const step = program[at]!;
      if (step.kind === 'found') {
        found = withSlot(slots, 1, place);
        // Who comes later is worse.
        break;
      }
      if (sign >= 0 && step.kind === 'sign' && step.takes(sign)) reach(next, { at: at + 1, slots }, after);
    }
    if (sign < 0 || (found && next.length === 0)) return found;
    walkers = next;
    place = after;
  }

  /** With all steps that take no character, the best first; each step is reached once at a place. */
  function reach(to: Walker[], start: Walker, place: number): void {
    const open = [start];
    let tried = 0;
    for (let walker = open.pop(); walker; walker = open.pop()) {
      const { at, slots } = walker;
      if (reached[at] === place) continue;
      reached[at] = place;
      tried++;
      const step = program[at]!;
      switch (step.kind) {
        case 'split':
          open.push({ at: step.second, slots }, { at: step.first, slots });
          break;
        case 'jump':
          open.push({ at: step.to, slots });
          break;
        case 'save':
          open.push({ at: at + 1, slots: withSlot(slots, step.slot, place) });
          break;
        case 'assertion':
          if (holds(step.what, text, place)) open.push({ at: at + 1, slots });
          break;
        default:
          to.push(walker);
      }
    }
    spend(tried);
  }
}

function withSlot(slots: readonly number[], slot: number, value: number): number[] {
  const copy = slots.slice();
  while (copy.length <= slot) copy.push(-1);
  copy[slot] = value;
  return copy;
}

const lineFeed = 10;

function holds(what: Assertion, text: string, place: number): boolean {
  const isEdge = (): boolean => isWordSign(text.charCodeAt(place - 1)) !== isWordSign(text.charCodeAt(place));
  switch (what) {
    case 'begin':
      return place === 0;
    case 'end':
      return place === text.length;
    case 'line begin':
      return place === 0 || text.charCodeAt(place - 1) === lineFeed;
    case 'line end':
      return place === text.length || text.charCodeAt(place) === lineFeed;
    case 'word edge':
      return isEdge();
    case 'no word edge':
      return !isEdge();
  }
}
