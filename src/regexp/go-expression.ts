// Regular expressions as Go has them. Those of JavaScript try one way after the other, which some texts make endless; these do not.
import { SlipwayError } from '../errors.ts';
import { parseExpression } from './parse.ts';
import { compileProgram, runProgram } from './program.ts';

export interface GoMatch {
  index: number;
  /** Exclusive. */
  end: number;
  text: string;
  /** From the first; undefined for those that took no part. */
  groups: readonly (string | undefined)[];
}

export interface GoExpression {
  /** Of the groups, from the first; undefined for those without one. */
  names: readonly (string | undefined)[];
  /** The first match. @throws ERR_EXPANSION */
  exec(text: string): GoMatch | undefined;
  /** All that do not overlap; an empty one right behind another is none. @throws ERR_EXPANSION */
  all(text: string): GoMatch[];
  /** As Go's ReplaceAllString: `$1`, `${1}` and `${name}` stand for what groups took, `$$` for a dollar. @throws ERR_EXPANSION */
  replaceAll(text: string, template: string): string;
}

/** Steps that one question may take: about a second. */
const mostSteps = 20_000_000;
/** Of what replacing gives. */
const longest = 16 << 20;

function tooMuch(source: string, what: string): SlipwayError {
  const shown = JSON.stringify(source.length > 200 ? `${source.slice(0, 200)}…` : source);
  return new SlipwayError('ERR_EXPANSION', `the regular expression ${shown} ${what}`, {
    hint: 'write it with fewer repetitions, or give it a shorter text',
  });
}

/** @throws ERR_EXPANSION for a text that is no regular expression of Go's */
export function goExpression(source: string): GoExpression {
  const { node, names } = parseExpression(source);
  const program = compileProgram(node, source);

  function* matches(text: string): Generator<GoMatch> {
    let left = mostSteps;
    const spend = (steps: number): void => {
      left -= steps;
      if (left < 0) throw tooMuch(source, `takes too long on ${text.length} characters`);
    };
    let before = -1;
    for (let from = 0; from <= text.length; ) {
      const slots = runProgram(program, { text, from, spend });
      if (!slots) return;
      const [index = 0, end = 0] = slots;
      const groups = names.map((_, at) => {
        const [begin = -1, stop = -1] = slots.slice(2 * at + 2, 2 * at + 4);
        return begin < 0 || stop < 0 ? undefined : text.slice(begin, stop);
      });
      if (index < end || index !== before) yield { index, end, text: text.slice(index, end), groups };
      before = end;
      from = end > index ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
    }
  }

  return {
    names,
    exec: (text) => matches(text).next().value ?? undefined,
    all: (text) => [...matches(text)],
    replaceAll(text, template) {
      let result = '';
      let at = 0;
      for (const match of matches(text)) {
        result += text.slice(at, match.index) + expandTemplate(template, match, names);
        if (result.length > longest) throw tooMuch(source, `gives more than ${longest >> 20} MiB`);
        at = match.end;
      }
      return result + text.slice(at);
    },
  };
}

/** As Go's Regexp.Expand; what is not there is empty. */
export function expandTemplate(
  template: string,
  { text, groups }: GoMatch,
  names: readonly (string | undefined)[],
): string {
  return template.replace(
    /\$(?:\$|\{(\w+)\}|(\w+))/g,
    (whole, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare;
      if (name === undefined) return whole === '$$' ? '$' : whole;
      if (name === '0') return text;
      return (/^\d+$/.test(name) ? groups[Number(name) - 1] : groups[names.indexOf(name)]) ?? '';
    },
  );
}
