// A Dockerfile laid out anew, as an editor does it with the edits that it is told.
import { formatCuts } from '../../src/dockerfile/format.ts';

/** The text with what `formatCuts` says done to it. */
export function formatDockerfile(text: string): string {
  let result = '';
  let at = 0;
  for (const cut of formatCuts(text)) {
    result += text.slice(at, cut.from) + cut.text;
    at = cut.to;
  }
  return result + text.slice(at);
}
