// `ENV name value` as `ENV name=value`, of the very same value.
import { isSpace, wordGap } from '../../dockerfile/space.ts';
import type { Edit, Fix } from '../fix.ts';
import type { LintStep } from '../lint-file.ts';
import { argumentsOf, fixOf, isOneLine, rangeOf } from './parts.ts';

/** Undefined where quotes or escapes make the old form and the new one differ. */
export function fixOldPair(step: LintStep, sign: string): Fix | undefined {
  const { text } = step.statement;
  const { from, to } = argumentsOf(step);
  const line = text.slice(from, to);
  const gap = wordGap.exec(line);
  if (gap === null) return undefined;
  const key = line.slice(0, gap.index);
  const value = line.slice(gap.index + gap[0].length);
  const at = from + gap.index + gap[0].length;
  // A brace that stays open makes no value of either form.
  if (/["'\\`]/.test(key) || value === '' || /\$\{[^}]*$/.test(value)) return undefined;
  const gapRange = rangeOf(step, from + gap.index, at);
  // The end of a range is behind its last character: a gap that ends at a line's break does not reach the value.
  const isJoined = isOneLine({ start: gapRange.start, end: rangeOf(step, at, at + 1).start });
  if (!isJoined) return undefined;
  const edits: Edit[] = [{ range: gapRange, text: '=' }];
  const wholeRange = rangeOf(step, at, to);
  const end = { start: wholeRange.end, end: wholeRange.end };
  const blanks = blanksOutside(value, sign);
  if (blanks === undefined) return undefined;
  if (blanks.length > 0) {
    if (/^[^"'\\`]*$/.test(value)) {
      // The quote takes the place of the gap's end, so that nothing is inserted twice at one place.
      edits[0] = { range: gapRange, text: '="' };
      edits.push({ range: end, text: '"' });
    } else if (isOneLine(wholeRange)) {
      for (const blank of blanks) {
        const range = rangeOf(step, at + blank, at + blank);
        edits.push({ range, text: sign });
      }
    } else return undefined;
  }
  return fixOf('safe', `Write ${key}=…`, ...edits);
}

/** Offsets of the blanks that are in no quotes and behind no escape; undefined where a quote is left open. */
function blanksOutside(value: string, sign: string): number[] | undefined {
  const found: number[] = [];
  let quote = '';
  for (let at = 0; at < value.length; at++) {
    const letter = value[at]!;
    if (letter === sign && quote !== "'") {
      at++;
      if (at >= value.length) return undefined;
    } else if (quote === '' && isSpace(value, at)) found.push(at);
    else if (quote === '' && (letter === '"' || letter === "'")) quote = letter;
    else if (letter === quote) quote = '';
  }
  return quote === '' ? found : undefined;
}
