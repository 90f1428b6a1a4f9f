// Two texts as a unified diff, by lines.

interface Line {
  sign: ' ' | '-' | '+';
  /** With its line break, if it has one. */
  text: string;
}

const around = 3;

/** Empty where the texts are equal. Paths stand in it as `a/NAME` and `b/NAME`, as git writes them. */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before === after) return '';
  const lines = compare(splitLines(before), splitLines(after));
  let result = `--- a/${name}\n+++ b/${name}\n`;
  const changed = lines.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]));
  for (let at = 0; at < changed.length; ) {
    let last = at;
    while (last + 1 < changed.length && changed[last + 1]! - changed[last]! <= 2 * around) last++;
    const from = Math.max(changed[at]! - around, 0);
    const to = Math.min(changed[last]! + around + 1, lines.length);
    result += formatHunk(lines, from, to);
    at = last + 1;
  }
  return result;
}

function formatHunk(lines: readonly Line[], from: number, to: number): string {
  const count = (list: readonly Line[], other: Line['sign']) =>
    list.filter(({ sign }) => sign !== other).length;
  const above = lines.slice(0, from);
  const hunk = lines.slice(from, to);
  const span = (other: Line['sign']) => {
    const size = count(hunk, other);
    const start = count(above, other) + (size === 0 ? 0 : 1);
    return size === 1 ? `${start}` : `${start},${size}`;
  };
  const body = hunk.map(({ sign, text }) =>
    text.endsWith('\n') ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${span('+')} +${span('-')} @@\n${body.join('')}`;
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Most of both texts is alike: what they share at both ends is left out, and the rest is compared as a table. */
function compare(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const same = (list: readonly string[]): Line[] => list.map((text) => ({ sign: ' ', text }));
  const middle = compareMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...same(a.slice(0, start)), ...middle, ...same(a.slice(a.length - end))];
}

/** A table larger than this is not worth its memory: all old lines, then all new ones. */
const largest = 4_000_000;

/** By the longest common subsequence. */
function compareMiddle(a: readonly string[], b: readonly string[]): Line[] {
  const removed = (text: string): Line => ({ sign: '-', text });
  const added = (text: string): Line => ({ sign: '+', text });
  if (a.length * b.length > largest) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] =
        a[i] === b[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const at = i * width + j;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i]! });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || common[at + width]! >= common[at + 1]!))
      lines.push(removed(a[i++]!));
    else lines.push(added(b[j++]!));
  }
  return lines;
}
