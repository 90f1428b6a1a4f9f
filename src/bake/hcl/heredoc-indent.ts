// The indent of a heredoc that begins with <<-.
import type { Expression } from './syntax.ts';

/** Takes the blanks that all lines begin with from each. */
export function withoutIndent(parts: readonly Expression[]): Expression[] {
  let least = Number.POSITIVE_INFINITY;
  let lineStart = true;
  for (const part of parts) {
    if (part.kind === 'literal' && typeof part.value === 'string') {
      const lines = part.value.split('\n');
      lines.forEach((line, index) => {
        if (index === 0 && !lineStart) return;
        const isLast = index === lines.length - 1;
        // The empty text behind the last line end is no line, unless a hole follows.
        if (isLast && line === '' && part === parts.at(-1)) return;
        if (line.trim() === '' && !isLast) return;
        least = Math.min(least, /^[ \t]*/.exec(line)![0].length);
      });
      lineStart = part.value.endsWith('\n');
    } else {
      if (lineStart) least = 0;
      lineStart = false;
    }
  }
  if (least === 0 || !Number.isFinite(least)) return [...parts];
  const blanks = new RegExp(`\\n[ \\t]{0,${least}}`, 'g');
  return parts.map((part, index) => {
    if (part.kind !== 'literal' || typeof part.value !== 'string') return part;
    const value = part.value.replace(blanks, '\n');
    return { ...part, value: index === 0 ? value.replace(new RegExp(`^[ \\t]{0,${least}}`), '') : value };
  });
}
