// An edited text as the server looks at it: instructions with their places, by stages. Made once for each version.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FromInstruction } from '../dockerfile/instruction.ts';
import {
  type LocatedInstruction,
  parseTolerant,
  type TolerantDockerfile,
} from '../dockerfile/parse-tolerant.ts';
import { createPlaces, type TextPlaces } from './text-places.ts';

export interface OutlineStage {
  index: number;
  from: FromInstruction;
  /** FROM and what follows it. */
  steps: LocatedInstruction[];
  /** The stage above that FROM names. */
  parent: OutlineStage | undefined;
}

export interface Outline {
  uri: string;
  version: number;
  text: string;
  places: TextPlaces;
  file: TolerantDockerfile;
  /** What stands in front of the first FROM. */
  globals: LocatedInstruction[];
  stages: OutlineStage[];
}

const known = new WeakMap<TextDocument, { version: number; outline: Outline }>();

export function outlineOf(document: TextDocument): Outline {
  const kept = known.get(document);
  if (kept?.version === document.version) return kept.outline;
  const outline = read(document);
  known.set(document, { version: document.version, outline });
  return outline;
}

function read(document: TextDocument): Outline {
  const text = document.getText();
  const file = parseTolerant(text, 'Dockerfile');
  const globals: LocatedInstruction[] = [];
  const stages: OutlineStage[] = [];
  for (const located of file.located) {
    const { instruction } = located;
    if (instruction.keyword === 'FROM') {
      const parent = findStage(stages, instruction.image);
      stages.push({ index: stages.length, from: instruction, steps: [located], parent });
    } else (stages.at(-1)?.steps ?? globals).push(located);
  }
  const { uri, version } = document;
  return { uri, version, text, places: createPlaces(text), file, globals, stages };
}

/** The last of some stages with a name, in any case. */
export function findStage(stages: readonly OutlineStage[], name: string): OutlineStage | undefined {
  return stages.findLast(({ from }) => from.name !== undefined && from.name === name.toLowerCase());
}

/** The instruction that holds an offset, and its stage. */
export function stepAt(
  { globals, stages, places }: Outline,
  offset: number,
): { step: LocatedInstruction; stage: OutlineStage | undefined } | undefined {
  const holds = ({ instruction: { range } }: LocatedInstruction) =>
    places.offset(range.start) <= offset && offset <= places.offset(range.end);
  for (const stage of stages) {
    const step = stage.steps.find(holds);
    if (step !== undefined) return { step, stage };
  }
  const step = globals.find(holds);
  return step && { step, stage: undefined };
}

/** The stage that an offset belongs to; undefined in front of the first one. */
export function stageAt({ stages, places }: Outline, offset: number): OutlineStage | undefined {
  return stages.findLast(({ from }) => places.offset(from.range.start) <= offset);
}
