// Patterns of target names: `*`, `?` and `[a-z]`, as in Go's path.Match.
import { SlipwayError } from '../errors.ts';

export const isPattern = (text: string): boolean => /[*?[\]]/.test(text);

/** @throws ERR_USAGE for a bracket that is not closed */
export function matchesName(pattern: string, name: string): boolean {
  return toRegExp(pattern).test(name);
}

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(
    /\[(\^?)([^\]]*)\]|\*+|[?]|[\\^$.|+(){}[\]]/g,
    (found, not?: string, set?: string) => {
      if (set !== undefined) return `[${not}${set.replace(/[\\[]/g, '\\$&')}]`;
      if (found.startsWith('*')) return '[^/]*';
      return found === '?' ? '[^/]' : `\\${found}`;
    },
  );
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    throw new SlipwayError('ERR_USAGE', `${JSON.stringify(pattern)} is no pattern of target names`, {
      hint: 'as in "app-*"',
    });
  }
}
