// Patterns of source policies (BuildKit, sourcepolicy): exact texts, wildcards, and regular expressions in Go's spelling.
import { isSlipwayError, SlipwayError } from '../errors.ts';
import { expandTemplate, type GoExpression, goExpression } from '../regexp/go-expression.ts';

export type MatchType = 'WILDCARD' | 'EXACT' | 'REGEX';

export interface PolicyPattern {
  matches(text: string): boolean;
  /** What `template` says of a text that matches: `${1}` and `$1` stand for what the first `*` or group took. */
  format(text: string, template: string): string;
}

/** @throws ERR_USAGE for a regular expression that is none */
export function policyPattern(identifier: string, type: MatchType): PolicyPattern {
  if (type === 'EXACT') return { matches: (text) => text === identifier, format: (_, template) => template };
  const expression = type === 'REGEX' ? policyExpression(identifier) : wildcard(identifier);
  return {
    matches: (text) => text === identifier || expression.exec(text) !== undefined,
    format(text, template) {
      const found = expression.exec(text);
      if (!found) return template;
      if (type === 'WILDCARD') return expandTemplate(template, found, expression.names);
      // What lies around the match stays.
      return expression.replaceAll(text, template);
    },
  };
}

function wildcard(identifier: string): GoExpression {
  const parts = identifier.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return goExpression(`(?s)^${parts.join('(.*?)')}$`);
}

/** Anywhere in the text, unless it says `^` and `$` itself. @throws ERR_USAGE */
export function policyExpression(text: string): GoExpression {
  try {
    return goExpression(text);
  } catch (cause) {
    if (!isSlipwayError(cause)) throw cause;
    throw new SlipwayError('ERR_USAGE', cause.message, { cause, hint: cause.hint });
  }
}
