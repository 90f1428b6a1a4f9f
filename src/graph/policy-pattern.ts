// Patterns of source policies (BuildKit, sourcepolicy): exact texts, wildcards, and regular expressions in Go's spelling.
import { SlipwayError } from '../errors.ts';

export type MatchType = 'WILDCARD' | 'EXACT' | 'REGEX';

export interface PolicyPattern {
  matches(text: string): boolean;
  /** What `template` says of a text that matches: `${1}` and `$1` stand for what the first `*` or group took. */
  format(text: string, template: string): string;
}

/** @throws ERR_USAGE for a regular expression that is none */
export function policyPattern(identifier: string, type: MatchType): PolicyPattern {
  if (type === 'EXACT') return { matches: (text) => text === identifier, format: (_, template) => template };
  const expression = type === 'REGEX' ? goExpression(identifier) : wildcard(identifier);
  return {
    matches: (text) => text === identifier || expression.test(text),
    format(text, template) {
      const found = expression.exec(text);
      if (!found) return template;
      if (type === 'WILDCARD') return expand(template, found);
      // As Go's ReplaceAllString: what lies around the match stays.
      const global = new RegExp(expression.source, `${expression.flags}g`);
      return [...text.matchAll(global)].reduceRight(
        (result, match) =>
          result.slice(0, match.index) +
          expand(template, match) +
          result.slice(match.index + match[0].length),
        text,
      );
    },
  };
}

function wildcard(identifier: string): RegExp {
  const parts = identifier.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('(.*?)')}$`, 's');
}

/** Anywhere in the text, unless it says `^` and `$` itself. @throws ERR_USAGE */
export function goExpression(text: string): RegExp {
  const [whole = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  const source = text
    .slice(whole.length)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$');
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new SlipwayError('ERR_USAGE', `${JSON.stringify(text)} is no regular expression`, { cause });
  }
}

/** As Go's Regexp.Expand; what is not there is empty. */
function expand(template: string, match: RegExpMatchArray): string {
  return template.replace(
    /\$(?:\$|\{(\w+)\}|(\w+))/g,
    (whole, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare;
      if (name === undefined) return whole === '$$' ? '$' : whole;
      return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? '';
    },
  );
}
