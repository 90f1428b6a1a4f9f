// Fixes of upper and lower case: keywords, AS, names of stages.
import type { SourceRange } from '../../errors.ts';
import type { Fix } from '../fix.ts';
import type { LintFile, LintStep } from '../lint-file.ts';
import { isOneOf } from '../rules/dl/walk.ts';
import { argumentsOf, fixOf, keywordRange, rangeOf } from './parts.ts';

export function fixKeyword(step: LintStep, to: 'lowercase' | 'uppercase'): Fix {
  const { written } = step.statement;
  const text = to === 'lowercase' ? written.toLowerCase() : written.toUpperCase();
  return fixOf('safe', `Write ${text}`, { range: keywordRange(step), text });
}

export function fixAs(step: LintStep): Fix | undefined {
  const found = /(\S+)\s+\S+\s*$/.exec(step.statement.text);
  if (found === null) return undefined;
  const { written } = step.statement;
  const as = found[1]!;
  const text = written === written.toLowerCase() ? as.toLowerCase() : as.toUpperCase();
  return fixOf('safe', `Write ${text}`, { range: rangeOf(step, found.index, found.index + as.length), text });
}

/** Writes the name of a stage in lower case where it is given and where it is used. */
export function fixStageName(step: LintStep, file: LintFile): Fix | undefined {
  const { stage } = step;
  const found = /(\S+)\s*$/.exec(step.statement.text);
  if (stage?.alias === undefined || found === null) return undefined;
  const name = stage.alias.toLowerCase();
  const own = rangeOf(step, found.index, found.index + stage.alias.length);
  const uses = usesIn(file).get(name) ?? [];
  const edits = uses
    .filter((use) => use.written !== name && use.stage > stage.index)
    .map(({ range }) => ({ range: range(), text: name }));
  return fixOf('safe', `Write ${name}`, { range: own, text: name }, ...edits);
}

interface Use {
  written: string;
  /** Index of the stage that it stands in. */
  stage: number;
  range(): SourceRange;
}

const known = new WeakMap<LintFile, ReadonlyMap<string, readonly Use[]>>();

/** Where stages may be named, by the name in lower case. */
function usesIn(file: LintFile): ReadonlyMap<string, readonly Use[]> {
  const found = known.get(file);
  if (found !== undefined) return found;
  const uses = new Map<string, Use[]>();
  for (const step of file.steps) {
    for (const { at, written } of namesIn(step)) {
      const use = {
        written,
        stage: step.stage?.index ?? -1,
        range: () => rangeOf(step, at, at + written.length),
      };
      const list = uses.get(written.toLowerCase());
      if (list === undefined) uses.set(written.toLowerCase(), [use]);
      else list.push(use);
    }
  }
  known.set(file, uses);
  return uses;
}

function namesIn(step: LintStep): { at: number; written: string }[] {
  const { text } = step.statement;
  if (isOneOf(step, ['FROM'])) {
    const { from } = argumentsOf(step);
    const written = /^\S+/.exec(text.slice(from))?.[0] ?? '';
    return [{ at: from, written }];
  }
  if (!isOneOf(step, ['COPY', 'ADD', 'RUN']) || !text.includes('from=')) return [];
  return argumentsOf(step).flags.flatMap((flag) => {
    const word = text.slice(flag.from, flag.to);
    const value = /^--from=(.+)$/.exec(word) ?? /^--mount=(?:.*,)?from=([^,]+)/.exec(word);
    if (value === null) return [];
    const written = value[1]!;
    return [{ at: flag.from + value[0].length - written.length, written }];
  });
}
