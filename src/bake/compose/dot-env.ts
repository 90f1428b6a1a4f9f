// The file .env: NAME=VALUE lines, with quotes, comments and variables.
import { interpolate } from './interpolate.ts';

/** Lines that are none of these are passed over. `env` goes before what the file says. @throws ERR_EXPANSION */
export function parseDotEnv(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Map<string, string> {
  const values = new Map<string, string>();
  const variable = (name: string): string | undefined =>
    (Object.hasOwn(env, name) ? env[name] : undefined) ?? values.get(name);
  const form =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[^\r\n]*)/gm;
  for (const [, name, raw] of text.matchAll(form)) {
    if (raw!.startsWith("'")) values.set(name!, raw!.slice(1, -1));
    else if (raw!.startsWith('"')) values.set(name!, interpolate(unquote(raw!.slice(1, -1)), variable));
    else values.set(name!, interpolate(raw!.replace(/(^|[ \t])#.*$/, '').trim(), variable));
  }
  return values;
}

const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
const unquote = (text: string): string =>
  text.replace(/\\([\s\S])/g, (whole, letter: string) =>
    letter === '$' ? '$$' : (letters[letter] ?? (letter === '"' || letter === '\\' ? letter : whole)),
  );
