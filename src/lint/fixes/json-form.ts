// A command line as a JSON array, where a shell would do nothing but part its words.
import type { Fix } from '../fix.ts';
import type { LintFile, LintStage, LintStep } from '../lint-file.ts';
import { isOneOf, lineage } from '../rules/dl/walk.ts';
import { baseConfig } from './base-config.ts';
import { fixOf, isOneLine, rangeOf } from './parts.ts';

/** What no program is, or not in every image. */
const builtins = new Set(
  [
    '. : [[ ! { } alias bg break builtin case cd command continue declare do done elif else esac eval exit export',
    'fc fg fi for function getopts hash if in jobs let local read readonly return select set shift source',
    'then time times trap type typeset ulimit umask unalias unset until wait while',
  ]
    .join(' ')
    .split(' '),
);
/** Programs that a shell brings, too: an image may lack them. */
const both = new Set(['[', 'echo', 'false', 'kill', 'printf', 'pwd', 'sleep', 'test', 'true']);

const word = /(?:[\w./:=@%+,-]|'[^']*'|"[^"$`\\]*")+/y;

/**
 * Safe where the program gets the very words that it gets from the shell: no other instruction of the stages that it is
 * made of puts something in front of them or behind them.
 */
export function fixCommandForm(step: LintStep, file: LintFile): Fix | undefined {
  if (!isOneOf(step, ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'])) return undefined;
  const { keyword, command } = step.instruction;
  if (command?.form !== 'shell') return undefined;
  const other = keyword === 'CMD' ? 'ENTRYPOINT' : 'CMD';
  const made = keywordsWith(step.stage, file);
  if (made.has('SHELL')) return undefined;
  // What a base image that is known begins with gets other words than before.
  const hasEntrypoint = keyword === 'CMD' && (baseConfig(file, step.stage)?.Entrypoint ?? []).length > 0;
  const isAlone = keyword === 'HEALTHCHECK' || !(made.has(other) || hasEntrypoint);
  return fixShellForm(step, command.line, isAlone);
}

const keywords = new WeakMap<LintStage, ReadonlySet<string>>();

/** Of the instructions of a stage, of those below it and of those built on it. */
function keywordsWith(own: LintStage | undefined, file: LintFile): ReadonlySet<string> {
  const known = own && keywords.get(own);
  if (known !== undefined) return known;
  const below = new Set(lineage(own));
  const isMade = (stage: LintStage) => below.has(stage) || (own && [...lineage(stage)].includes(own));
  const made = file.stages.filter(isMade).flatMap(({ steps }) => steps);
  const found = new Set(made.map(({ instruction }) => instruction.keyword));
  if (own !== undefined) keywords.set(own, found);
  return found;
}

function fixShellForm(step: LintStep, line: string, isAlone: boolean): Fix | undefined {
  const { text } = step.statement;
  const from = text.trimEnd().length - line.length;
  if (from < 0 || text.slice(from, from + line.length) !== line) return undefined;
  let words = readWords(line);
  if (words === undefined) return undefined;
  const isExec = words[0]?.text === 'exec' && words.length > 1;
  const first = isExec ? words[1]! : words[0]!;
  if (isExec) words = words.slice(1);
  if (builtins.has(first.text) || first.raw.includes('=') || first.text.startsWith('-')) return undefined;
  const edits = words.map(({ text: value, raw, at }, index) => {
    const begin = index === 0 ? '[' : '';
    const end = index === words.length - 1 ? ']' : ',';
    // `exec` and the blanks behind it go with the first word.
    const start = from + (index === 0 ? 0 : at);
    const range = rangeOf(step, start, from + at + raw.length);
    return { range, text: `${begin}${JSON.stringify(value)}${end}` };
  });
  if (!edits.every(({ range }) => isOneLine(range))) return undefined;
  const safety = isAlone && !both.has(first.text) ? 'safe' : 'suggested';
  return fixOf(safety, 'Write it as a JSON array', ...edits);
}

function readWords(line: string): { text: string; raw: string; at: number }[] | undefined {
  const words: { text: string; raw: string; at: number }[] = [];
  let at = 0;
  while (at < line.length) {
    word.lastIndex = at;
    const raw = word.exec(line)?.[0];
    if (raw === undefined) return undefined;
    words.push({ text: raw.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'), raw, at });
    at += raw.length;
    const gap = /^[ \t]*/.exec(line.slice(at))![0].length;
    if (gap === 0 && at < line.length) return undefined;
    at += gap;
  }
  return words.length === 0 ? undefined : words;
}
