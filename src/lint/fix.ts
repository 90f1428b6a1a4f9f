// How a finding is mended: edits of the text, each over a range of it.
import type { SourceRange } from '../errors.ts';

/** Puts `text` where `range` is; an empty range inserts. Lines and columns as in the file that was read. */
export interface Edit {
  range: SourceRange;
  text: string;
}

export interface Fix {
  /** `safe`: the image stays as it is meant. `suggested`: somebody should look at it. */
  safety: 'safe' | 'suggested';
  /** What it does, for an editor's menu: `Add --no-cache`. */
  title: string;
  /** In the order of the file, none over another. */
  edits: readonly Edit[];
}

/** Inserts behind a place. */
export function insertAfter(range: SourceRange, text: string): Edit {
  return { range: { start: range.end, end: range.end }, text };
}
