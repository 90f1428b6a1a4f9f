// The WWW-Authenticate header (RFC 9110, 11.6.1): challenges with their parameters, read without ever failing.

export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  scheme: string;
  /** Names in lower case. */
  parameters: Record<string, string>;
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const quoted = /"((?:[^"\\]|\\[\s\S])*)"?/y;
const space = /[\s,]*/y;

function take(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** What can't be understood is skipped; of a parameter given twice the first counts. */
export function parseChallenges(header: string | readonly string[]): Challenge[] {
  const text = typeof header === 'string' ? header : header.join(', ');
  const challenges: Challenge[] = [];
  let at = 0;
  while (at < text.length) {
    at += take(space, text, at)![0].length;
    const name = take(token, text, at)?.[0];
    if (name === undefined) {
      at += 1;
      continue;
    }
    at += name.length;
    const equals = take(/\s*=\s*/y, text, at);
    if (!equals) {
      challenges.push({ scheme: name.toLowerCase(), parameters: {} });
      continue;
    }
    at += equals[0].length;
    const string = take(quoted, text, at);
    const value = string ? string[1]!.replace(/\\([\s\S])/g, '$1') : (take(token, text, at)?.[0] ?? '');
    at += string ? string[0].length : value.length;
    const parameters = challenges.at(-1)?.parameters;
    const key = name.toLowerCase();
    if (parameters && !Object.hasOwn(parameters, key)) {
      Object.defineProperty(parameters, key, { value, enumerable: true });
    }
  }
  return challenges;
}
