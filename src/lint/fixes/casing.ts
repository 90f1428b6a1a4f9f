// Fixes of upper and lower case: keywords, AS, names of stages.
import type { Edit, Fix } from '../fix.ts';
import type { LintFile, LintStage, LintStep } from '../lint-file.ts';
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
  const uses = file.stages.slice(stage.index + 1).flatMap((other) => [other.from, ...other.steps]);
  const edits = uses.flatMap((use) => usesOf(use, stage)).map((range) => ({ range, text: name }));
  return fixOf('safe', `Write ${name}`, { range: own, text: name }, ...edits);
}

/** Where an instruction names a stage in another case than the lower one. */
function usesOf(step: LintStep, { alias }: LintStage): Edit['range'][] {
  const name = alias!.toLowerCase();
  const isMeant = (word: string) => word !== name && word.toLowerCase() === name;
  const { text } = step.statement;
  const { flags, from } = argumentsOf(step);
  if (isOneOf(step, ['FROM'])) {
    const word = /^\S+/.exec(text.slice(from))?.[0] ?? '';
    return isMeant(word) ? [rangeOf(step, from, from + word.length)] : [];
  }
  if (!isOneOf(step, ['COPY', 'ADD', 'RUN'])) return [];
  return flags.flatMap((flag) => {
    const written = text.slice(flag.from, flag.to);
    const value = /^--from=(.+)$/.exec(written) ?? /^--mount=(?:.*,)?from=([^,]+)/.exec(written);
    if (value === null || !isMeant(value[1]!)) return [];
    const at = flag.from + value[0].length - value[1]!.length;
    return [rangeOf(step, at, at + value[1]!.length)];
  });
}
