// The end of a message that names what a misspelt variable may have meant.
import { nearest } from '../nearest.ts';

/** Nobody reads through more names than these, and comparing takes time. */
const most = 256;

/** ` (did you mean $NAME?)`, or nothing. @param write how the name stands in the message. */
export function didYouMean(
  name: string,
  known: readonly string[],
  write: (name: string) => string = (text) => text,
): string {
  const near = known.length > most ? undefined : nearest(name, known);
  return near === undefined ? '' : ` (did you mean ${write(near)}?)`;
}
