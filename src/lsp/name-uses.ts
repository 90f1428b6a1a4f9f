// Where a file writes the names of its stages and variables: where they are given, and where they are used.
import type { LocatedInstruction } from '../dockerfile/parse-tolerant.ts';
import { findStage, type Outline, type OutlineStage } from './outline.ts';

export interface NameUse {
  kind: 'stage' | 'variable';
  /** As written; of a stage also its number. */
  name: string;
  /** Offsets of the name alone. */
  from: number;
  to: number;
  isDefinition: boolean;
  /** Of a variable the stage it is used in, undefined in front of the first and on FROM lines; of a stage, itself. */
  stage: OutlineStage | undefined;
}

const known = new WeakMap<Outline, readonly NameUse[]>();

/** All of a file, in its order. Names that a line break parts are left out. */
export function nameUses(outline: Outline): readonly NameUse[] {
  const uses = known.get(outline) ?? readUses(outline);
  known.set(outline, uses);
  return uses;
}

function readUses(outline: Outline): NameUse[] {
  const uses: NameUse[] = [];
  for (const step of outline.globals) readVariables(outline, step, { stage: undefined, uses });
  for (const stage of outline.stages) {
    for (const step of stage.steps) {
      readStages(outline, step, { stage, uses });
      const isFrom = step.instruction.keyword === 'FROM';
      readVariables(outline, step, { stage: isFrom ? undefined : stage, uses });
    }
  }
  return uses.sort((a, b) => a.from - b.from);
}

interface Reader {
  stage: OutlineStage | undefined;
  uses: NameUse[];
}

type Found = Pick<NameUse, 'kind' | 'name' | 'isDefinition' | 'stage'>;

/** Takes a part of the logical line, unless it goes over a line's end. */
function take({ places, text }: Outline, { statement }: LocatedInstruction, at: number, found: Found) {
  const { range } = statement.place(at, at + found.name.length);
  const [from, to] = [places.offset(range.start), places.offset(range.end)];
  return text.slice(from, to) === found.name ? [{ ...found, from, to }] : [];
}

function readStages(outline: Outline, step: LocatedInstruction, { stage, uses }: Reader): void {
  const { instruction, statement } = step;
  const above = outline.stages.slice(0, stage!.index);
  const add = (name: string, at: number, target: OutlineStage | undefined, isDefinition = false) => {
    if (target === undefined) return;
    uses.push(...take(outline, step, at, { kind: 'stage', name, isDefinition, stage: target }));
  };
  const byWord = (word: string) =>
    findStage(above, word) ?? (/^\d+$/.test(word) ? above[Number(word)] : undefined);
  if (instruction.keyword === 'FROM') {
    const { image, writtenName } = instruction;
    const flags = /^(?:\s*--\S+)*\s*/.exec(statement.text.slice(statement.argumentsAt))![0].length;
    add(image, statement.text.indexOf(image, statement.argumentsAt + flags), findStage(above, image));
    if (writtenName !== undefined) add(writtenName, statement.text.lastIndexOf(writtenName), stage, true);
  } else if (instruction.keyword === 'COPY' && instruction.from !== undefined) {
    const at = statement.text.indexOf('--from=') + '--from='.length;
    add(instruction.from, at, byWord(instruction.from));
  } else if (instruction.keyword === 'RUN' && instruction.mounts.length > 0) {
    for (const found of statement.text.matchAll(/(--mount=\S*?\bfrom=)([^\s,"']+)/g))
      add(found[2]!, found.index + found[1]!.length, byWord(found[2]!));
  }
}

const reference = /([\\`]*)\$\{?([A-Za-z_]\w*)/g;

function readVariables(outline: Outline, step: LocatedInstruction, { stage, uses }: Reader): void {
  const { instruction, statement } = step;
  const text = statement.text;
  const add = (name: string, at: number, isDefinition: boolean) =>
    uses.push(...take(outline, step, at, { kind: 'variable', name, isDefinition, stage }));
  if (instruction.keyword === 'ARG' || instruction.keyword === 'ENV') {
    const names = instruction.keyword === 'ARG' ? instruction.args.map(({ name }) => name) : [];
    if (instruction.keyword === 'ENV') names.push(...instruction.pairs.map(({ key }) => key));
    let at = statement.argumentsAt;
    for (const name of names) {
      const found = new RegExp(`(?<=^|\\s)${escaped(name)}(?=[=\\s]|$)`).exec(text.slice(at));
      if (found === null) continue;
      add(name, at + found.index, true);
      at += found.index + name.length;
    }
  }
  for (const { at, name } of references(text)) add(name, at, false);
  for (const { range, expand } of statement.heredocs) {
    if (instruction.keyword !== 'RUN' && !expand) continue;
    const start = outline.places.offset(range.start);
    const body = outline.text.slice(start, outline.places.offset(range.end));
    for (const { at, name } of references(body)) {
      const from = start + at;
      uses.push({ kind: 'variable', name, from, to: from + name.length, isDefinition: false, stage });
    }
  }
}

/** Of variables that no escape sign stands in front of. */
function references(text: string): { name: string; at: number }[] {
  return [...text.matchAll(reference)].flatMap(({ index, 0: whole, 1: escapes, 2: name }) =>
    escapes!.length % 2 === 0 ? [{ name: name!, at: index + whole.length - name!.length }] : [],
  );
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
