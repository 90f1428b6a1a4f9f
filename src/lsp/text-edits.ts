// Edits of the protocol: from a fix, from the formatter, and from a text before to a text after.
import type { TextEdit } from 'vscode-languageserver';
import type { TextCut } from '../dockerfile/format.ts';
import type { Edit } from '../lint/open-linter.ts';
import type { TextPlaces } from './text-places.ts';

export function editsOfFix(edits: readonly Edit[], places: TextPlaces): TextEdit[] {
  return edits.map(({ range, text }) => ({ range: places.toRange(range), newText: text }));
}

export function editsOfCuts(cuts: readonly TextCut[], places: TextPlaces): TextEdit[] {
  return cuts.map(({ from, to, text }) => ({ range: places.range(from, to), newText: text }));
}

/** What turns one text into another, in the order of the text: by lines where these keep their number, else what differs as one. */
export function cutsBetween(before: string, after: string): TextCut[] {
  const [old, next] = [splitLines(before), splitLines(after)];
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start++;
  let end = 0;
  const most = Math.min(old.length, next.length) - start;
  while (end < most && old.at(-1 - end) === next.at(-1 - end)) end++;
  const from = old.slice(0, start).join('').length;
  const changed = { old: old.slice(start, old.length - end), next: next.slice(start, next.length - end) };
  if (changed.old.length !== changed.next.length)
    return withoutCommon(from, changed.old.join(''), changed.next.join(''));
  let at = from;
  return changed.old.flatMap((line, index) => {
    const here = at;
    at += line.length;
    return withoutCommon(here, line, changed.next[index]!);
  });
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Code points, and a carriage return with its line feed, are not cut in two. */
function withoutCommon(at: number, before: string, after: string): TextCut[] {
  if (before === after) return [];
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start++;
  while (start > 0 && isWithin(before, start)) start--;
  let end = 0;
  while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  while (end > 0 && (isWithin(before, before.length - end) || isWithin(after, after.length - end))) end--;
  return [{ from: at + start, to: at + before.length - end, text: after.slice(start, after.length - end) }];
}

function isWithin(text: string, at: number): boolean {
  return /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(at - 1, at + 1));
}
