// How the rules with hadolint's codes go through a file, and how they report.
import type { Instruction, Keyword } from '../../../dockerfile/instruction.ts';
import type { SourceRange } from '../../../errors.ts';
import type { Run, RunCommand } from '../../file-index.ts';
import type { LintFile, LintStage, LintStep } from '../../lint-file.ts';
import type { Report, Rule } from '../../rule.ts';
import type { ShellCommand, ShellWord } from '../../shell/command.ts';

export type LintRule = Rule<LintFile>;

/** The instructions that may have one of the keywords. */
export type InstructionOf<K extends Keyword, I = Instruction> = I extends { keyword: infer W }
  ? [Extract<W, K>] extends [never]
    ? never
    : I
  : never;

export type { Run };

/** The instructions with one of the keywords, in the order of the file; with `onbuild` those that ONBUILD triggers, too. */
export function stepsOf<K extends Keyword>(
  file: LintFile,
  keywords: readonly K[],
  { onbuild = false } = {},
): readonly LintStep<InstructionOf<K>>[] {
  const steps = onbuild ? file.index.withTriggers : file.index.steps;
  const present = keywords.filter((keyword) => steps.has(keyword));
  if (present.length < 2) return (steps.get(present[0]!) ?? []) as LintStep<InstructionOf<K>>[];
  const found: LintStep<InstructionOf<K>>[] = [];
  for (const step of file.steps) {
    const one = onbuild && step.trigger !== undefined ? step.trigger : step;
    if (isOneOf(one, present)) found.push(one);
  }
  return found;
}

export function isOneOf<K extends Keyword>(
  step: LintStep,
  keywords: readonly K[],
): step is LintStep<InstructionOf<K>> {
  return (keywords as readonly Keyword[]).includes(step.instruction.keyword);
}

/** Every RUN whose shell code could be parsed; without `onbuild` only those that this file runs. */
export function runsOf(file: LintFile, { onbuild = true } = {}): readonly Run[] {
  return onbuild ? file.index.runs : file.index.runs.filter(({ step }) => !step.isTrigger);
}

/** Those in which a command has one of the names. */
export function runsWith(file: LintFile, names: readonly string[]): readonly Run[] {
  return file.index.runs.filter(({ script }) => names.some((name) => script.code.names.has(name)));
}

/** Every command with one of the names, in the order of the file. */
export function commandsOf({ index }: LintFile, names: readonly string[]): readonly RunCommand[] {
  const lists = names.map((name) => index.commandsNamed(name)).filter((list) => list.length > 0);
  return lists.length < 2 ? (lists[0] ?? none) : lists.flat().sort((a, b) => a.order - b.order);
}

const none: readonly RunCommand[] = [];

/** At an instruction, or at a part of it. */
export function at({ instruction }: LintStep, message: string, range = instruction.range): Report {
  return { message, range, instruction };
}

/** Where a word stands in an instruction's own line: the first one like it behind the keyword. */
export function placeOf({ statement, instruction }: LintStep, word: string): SourceRange {
  const found = word === '' ? -1 : statement.text.indexOf(word, statement.argumentsAt);
  return found < 0 ? instruction.range : statement.place(found, found + word.length).range;
}

/** From the first to the last of some words of a command. */
export function spanOf(command: ShellCommand, words: readonly ShellWord[]): SourceRange {
  return { start: command.rangeOf(words[0]!).start, end: command.rangeOf(words.at(-1)!).end };
}

/** A text without a quote at its start and at its end. */
export function unquote(text: string): string {
  return text.replace(/^["']+|["']+$/g, '');
}

/** A stage, the one below it, and so on. */
export function* lineage(stage: LintStage | undefined): Generator<LintStage> {
  for (let one = stage; one !== undefined; one = one.parent) yield one;
}

/** Joined for a message; of many the first few. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
