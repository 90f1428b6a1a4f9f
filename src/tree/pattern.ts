// Whether a source of COPY is a pattern, which is known without the matcher.

/** Whether a source holds an unescaped `*`, `?` or `[`. */
export function hasWildcard(pattern: string): boolean {
  return /(^|[^\\])(\\\\)*[*?[]/.test(pattern);
}

/** Takes the backslashes of escapes away. */
export function unescapePattern(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1');
}
