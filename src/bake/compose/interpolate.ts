// Variables in Compose files: $NAME, ${NAME:-default}, ${NAME:?message}, ${NAME:+other}; $$ is a dollar sign.
import { SlipwayError } from '../../errors.ts';

const deepest = 50;

/** Compose specification, "Interpolation". Unset variables are empty. @throws ERR_EXPANSION without a place */
export function interpolate(text: string, variable: (name: string) => string | undefined, depth = 0): string {
  if (depth > deepest)
    throw new SlipwayError('ERR_EXPANSION', `${JSON.stringify(text)}: variables nest too deep`);
  let result = '';
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const rest = text.slice(dollar + 1);
    const bare = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
    if (rest.startsWith('$')) {
      result += '$';
      at = dollar + 2;
    } else if (bare !== undefined) {
      result += variable(bare) ?? '';
      at = dollar + 1 + bare.length;
    } else if (rest.startsWith('{')) {
      const end = closing(text, dollar + 2);
      result += braced(text.slice(dollar + 2, end), variable, depth);
      at = end + 1;
    } else throw invalid(text);
  }
}

function invalid(text: string): SlipwayError {
  return new SlipwayError('ERR_EXPANSION', `${JSON.stringify(text)} has a variable that is not well formed`, {
    hint: 'write $NAME, or NAME in braces behind the dollar sign; a dollar sign that is none is $$',
  });
}

function closing(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) open++;
    else if (text[at] === '}' && --open === 0) return at;
  }
  throw invalid(text);
}

function braced(inner: string, variable: (name: string) => string | undefined, depth: number): string {
  const [, name, operator, word = ''] = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])(.*))?$/s.exec(inner) ?? [];
  if (name === undefined) throw invalid(`\${${inner}}`);
  const value = variable(name);
  const isSet = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const other = (): string => interpolate(word, variable, depth + 1);
  switch (operator?.at(-1)) {
    case '-':
      return isSet ? value! : other();
    case '+':
      return isSet ? other() : '';
    case '?':
      if (isSet) return value!;
      throw new SlipwayError(
        'ERR_EXPANSION',
        `the variable ${name} is not set${word === '' ? '' : `: ${other()}`}`,
        { hint: `set it in the environment, or in the file .env` },
      );
    default:
      return value ?? '';
  }
}
