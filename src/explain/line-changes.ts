// How many lines of a text came and went: the fewest, by Myers' greedy algorithm on what differs between a common beginning and end.

export interface LineChanges {
  added: number;
  removed: number;
}

/** Steps of an edit script up to which the fewest are looked for: a diff of so many lines is told of by sizes. */
const most = 4000;

/** Undefined where the texts differ in too many lines to be counted fast. */
export function lineChanges(before: string, after: string): LineChanges | undefined {
  const ids = new Map<string, number>();
  const [a, b] = [linesOf(before, ids), linesOf(after, ids)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const edits = shortest(a.subarray(start, endA), b.subarray(start, endB));
  if (edits === undefined) return undefined;
  const more = endB - endA;
  return { added: (edits + more) / 2, removed: (edits - more) / 2 };
}

/** Equal lines are equal numbers; what follows the last line break is a line where it is not empty. */
function linesOf(text: string, ids: Map<string, number>): Uint32Array {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else if (lines.length > 0) lines.push(`${lines.pop()}\n\\`);
  return Uint32Array.from(lines, (line) => {
    const known = ids.get(line) ?? ids.size;
    ids.set(line, known);
    return known;
  });
}

/** Lines that are added and removed together. */
function shortest(a: Uint32Array, b: Uint32Array): number | undefined {
  if (a.length === 0 || b.length === 0) return a.length + b.length;
  const limit = Math.min(a.length + b.length, most);
  // How far on each diagonal the best path with so many edits comes.
  const reach = new Int32Array(2 * limit + 3);
  const middle = limit + 1;
  for (let edits = 0; edits <= limit; edits++) {
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && reach[middle + k - 1]! < reach[middle + k + 1]!);
      let x = down ? reach[middle + k + 1]! : reach[middle + k - 1]! + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reach[middle + k] = x;
      if (x >= a.length && y >= b.length) return edits;
    }
  }
  return undefined;
}
