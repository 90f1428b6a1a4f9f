// Which step of an earlier build a step is, though lines have moved and words have changed: by stage and text, then by position.
import type { StepRecord } from '../build-record.ts';

/** Positions in the earlier build's steps by positions in the later one's. */
export function matchSteps(
  earlier: readonly StepRecord[],
  later: readonly StepRecord[],
): Map<number, number> {
  const pairs = new Map<number, number>();
  const [before, after] = [stagesOf(earlier), stagesOf(later)];
  const unmatched = new Set(before.keys());
  const rest: string[] = [];
  const join = (from: readonly number[], to: readonly number[]): void => {
    for (const [one, other] of matchStage({ earlier, later }, from, to)) pairs.set(one, other);
  };
  for (const [stage, steps] of after) {
    const same = before.get(stage);
    if (same === undefined) rest.push(stage);
    else {
      unmatched.delete(stage);
      join(same, steps);
    }
  }
  // A stage that got another name: the one in its place.
  const names = [...unmatched];
  for (const [at, stage] of rest.entries()) {
    const other = names[at];
    if (other !== undefined) join(before.get(other)!, after.get(stage)!);
  }
  return pairs;
}

/** Steps by stage and platform; those of no stage stand together. */
function stagesOf(steps: readonly StepRecord[]): Map<string, number[]> {
  const stages = new Map<string, number[]>();
  for (const [at, { label, stage, platform }] of steps.entries()) {
    const name = label === '' ? '' : `${platform ?? ''} ${stage ?? '.'}`;
    const known = stages.get(name);
    if (known) known.push(at);
    else stages.set(name, [at]);
  }
  for (const all of stages.values()) all.sort((a, b) => steps[a]!.lines[0] - steps[b]!.lines[0] || a - b);
  return stages;
}

/** A base image is the same step under each digest. */
const textOf = ({ type, text }: StepRecord): string =>
  type === 'image' ? `image ${text.replace(/@sha256:[0-9a-f]{64}$/, '')}` : `${type} ${text}`;

interface Builds {
  earlier: readonly StepRecord[];
  later: readonly StepRecord[];
}

function* matchStage(
  { earlier, later }: Builds,
  from: readonly number[],
  to: readonly number[],
): Generator<[later: number, earlier: number]> {
  const a = from.map((at) => textOf(earlier[at]!));
  const b = to.map((at) => textOf(later[at]!));
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...longestCommon(a, b), [a.length, b.length] as const]) {
    // Between two that are the same, those of one kind in their order.
    const open = from.slice(i, nextI);
    for (const at of to.slice(j, nextJ)) {
      const found = open.findIndex((one) => earlier[one]!.type === later[at]!.type);
      if (found >= 0) {
        yield [at, open[found]!];
        open.splice(0, found + 1);
      }
    }
    if (nextI < a.length && nextJ < b.length) yield [to[nextJ]!, from[nextI]!];
    [i, j] = [nextI + 1, nextJ + 1];
  }
}

/** Positions of the texts that both have in the same order. */
function longestCommon(a: readonly string[], b: readonly string[]): [number, number][] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  const pairs = Array.from({ length: start }, (_, at): [number, number] => [at, at]);
  const [rows, columns] = [a.length - start, b.length - start];
  // Lengths of what is common from (i, j) on.
  const lengths = new Uint32Array((rows + 1) * (columns + 1));
  const at = (i: number, j: number): number => i * (columns + 1) + j;
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      lengths[at(i, j)] =
        a[start + i] === b[start + j]
          ? lengths[at(i + 1, j + 1)]! + 1
          : Math.max(lengths[at(i + 1, j)]!, lengths[at(i, j + 1)]!);
  for (let [i, j] = [0, 0]; i < rows && j < columns; ) {
    if (a[start + i] === b[start + j]) {
      pairs.push([start + i, start + j]);
      i++;
      j++;
    } else if (lengths[at(i + 1, j)]! >= lengths[at(i, j + 1)]!) i++;
    else j++;
  }
  return pairs;
}
