// The outline that an editor shows, and what it can fold: stages with their instructions, heredocs, comments.
import type { DocumentSymbol, FoldingRange, SymbolKind } from 'vscode-languageserver';
import type { LocatedInstruction } from '../dockerfile/parse-tolerant.ts';
import type { SourceRange } from '../errors.ts';
import type { Outline, OutlineStage } from './outline.ts';

const kinds: Record<'stage' | 'instruction' | 'variable', SymbolKind> = {
  stage: 5,
  instruction: 12,
  variable: 13,
};
const longest = 80;

export function documentSymbols(outline: Outline): DocumentSymbol[] {
  return [
    ...outline.globals.map((step) => stepSymbol(outline, step)),
    ...outline.stages.map(
      (stage): DocumentSymbol => ({
        name: stage.from.writtenName ?? stage.from.image,
        detail: stage.from.writtenName === undefined ? `stage ${stage.index}` : `FROM ${stage.from.image}`,
        kind: kinds.stage,
        range: outline.places.toRange(stageRange(stage)),
        selectionRange: outline.places.toRange(stage.from.range),
        children: stage.steps.slice(1).map((step) => stepSymbol(outline, step)),
      }),
    ),
  ];
}

function stepSymbol({ places }: Outline, { instruction, statement }: LocatedInstruction): DocumentSymbol {
  const { keyword } = instruction;
  const words = statement.text.slice(statement.argumentsAt).replace(/\s+/g, ' ').trim();
  const isVariable = keyword === 'ARG' || keyword === 'ENV';
  const first = statement.place(0, statement.written.length).range;
  return {
    name: `${keyword} ${words.length > longest ? `${words.slice(0, longest - 1)}…` : words}`,
    kind: isVariable ? kinds.variable : kinds.instruction,
    range: places.toRange(instruction.range),
    selectionRange: places.toRange(first),
  };
}

function stageRange({ from, steps }: OutlineStage): SourceRange {
  return { start: from.range.start, end: steps.at(-1)!.instruction.range.end };
}

export function foldingRanges(outline: Outline): FoldingRange[] {
  const { places, stages, file } = outline;
  const folds: FoldingRange[] = [];
  const add = (range: SourceRange, kind?: string) => {
    const { start, end } = places.toRange(range);
    if (end.line > start.line)
      folds.push({ startLine: start.line, endLine: end.line, ...(kind === undefined ? {} : { kind }) });
  };
  for (const stage of stages) add(stageRange(stage));
  const inside = new Set<number>();
  for (const { instruction, statement } of file.located) {
    const { start, end } = instruction.range;
    for (let line = start.line; line <= end.line; line++) inside.add(line);
    const isWhole = stages.some((one) => one.steps.length === 1 && one.from === instruction);
    if (!isWhole) add(instruction.range);
    // The first one begins right behind the instruction's own lines, and would hide what that fold shows.
    if (statement.heredocs.length > 1) for (const heredoc of statement.heredocs) add(heredoc.range);
  }
  let first: number | undefined;
  const lines = file.source.lines.map((line) => outline.text.slice(line.start, line.end).trimStart());
  for (const [index, line] of [...lines, ''].entries()) {
    const isComment = line.startsWith('#') && !inside.has(index + 1);
    if (isComment) first ??= index;
    else if (first !== undefined) {
      const column = 1;
      add({ start: { line: first + 1, column }, end: { line: index, column } }, 'comment');
      first = undefined;
    }
  }
  return folds;
}
