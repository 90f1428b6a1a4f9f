// FROM blocks: stages, their names, the global ARGs, and which earlier stage a name means.
import type { ArgInstruction, Dockerfile, FromInstruction, Instruction } from '../dockerfile/instruction.ts';
import { type Place, SlipwayError } from '../errors.ts';
import { nearest } from '../nearest.ts';

export interface Stage {
  index: number;
  /** Lower case; undefined where the FROM line gives none. */
  name: string | undefined;
  from: FromInstruction;
  instructions: Instruction[];
  place: Place;
}

export interface StageList {
  /** ARG lines before the first FROM. */
  globals: ArgInstruction[];
  stages: Stage[];
}

const nameForm = /^[a-z][a-z0-9-_.]*$/;

/** @throws ERR_SYNTAX where an instruction stands outside a stage, or a stage's name is none. */
export function splitStages(dockerfile: Dockerfile): StageList {
  const { file } = dockerfile;
  const globals: ArgInstruction[] = [];
  const stages: Stage[] = [];
  for (const instruction of dockerfile.instructions) {
    const place = { file, range: instruction.range };
    if (instruction.keyword === 'FROM') {
      const name = instruction.name?.toLowerCase();
      if (name !== undefined && !nameForm.test(name)) {
        throw new SlipwayError(
          'ERR_SYNTAX',
          `invalid name for build stage: ${JSON.stringify(instruction.name)}`,
          {
            place,
            hint: 'a name begins with a letter and holds letters, digits, "-", "_" and "."',
          },
        );
      }
      stages.push({ index: stages.length, name, from: instruction, instructions: [], place });
      continue;
    }
    const stage = stages.at(-1);
    if (stage) stage.instructions.push(instruction);
    else if (instruction.keyword === 'ARG') globals.push(instruction);
    else {
      throw new SlipwayError(
        'ERR_SYNTAX',
        `no build stage in current context: ${instruction.keyword} stands before the first FROM`,
        {
          place,
          hint: 'begin with FROM; only ARG may stand before it',
        },
      );
    }
  }
  if (stages.length === 0) {
    const last = dockerfile.instructions.at(-1);
    throw new SlipwayError('ERR_SYNTAX', 'the Dockerfile has no build stage', {
      ...(last ? { place: { file, range: last.range } } : {}),
      hint: 'add a line FROM IMAGE, or FROM scratch',
    });
  }
  return { globals, stages };
}

/** The latest stage of that name among those before `before`. */
export function findStage(stages: readonly Stage[], name: string, before: number): Stage | undefined {
  const wanted = name.toLowerCase();
  return stages.slice(0, before).findLast((stage) => stage.name === wanted);
}

/** The stage that COPY --from in stage `before` means: by name or by number. @throws ERR_UNKNOWN_STAGE for later ones. */
export function findSourceStage(
  stages: readonly Stage[],
  from: string,
  before: number,
  place: Place,
): Stage | undefined {
  const number = /^\d+$/.test(from) ? Number(from) : undefined;
  const found = number === undefined ? findStage(stages, from, before) : stages[number];
  if (found && found.index < before) return found;
  const later = found ?? stages.find((stage) => stage.name === from.toLowerCase());
  if (later || number !== undefined) {
    const why = later ? (later.index === before ? 'is the stage itself' : 'comes later') : 'does not exist';
    throw new SlipwayError('ERR_UNKNOWN_STAGE', `--from=${from}: the stage ${JSON.stringify(from)} ${why}`, {
      place,
      hint: 'a stage can copy only from stages above it',
    });
  }
  return undefined;
}

/** @throws ERR_UNKNOWN_TARGET where no stage has that name. */
export function findTarget(stages: readonly Stage[], target: string | undefined): Stage {
  if (target === undefined || target === '') return stages.at(-1)!;
  const found = stages.findLast((stage) => stage.name === target.toLowerCase());
  if (found) return found;
  const names = stages.flatMap((stage) => (stage.name === undefined ? [] : [stage.name]));
  const near = nearest(target, names);
  const known =
    names.length > 0 ? `the stages are: ${names.join(', ')}` : 'no stage of this Dockerfile has a name';
  throw new SlipwayError('ERR_UNKNOWN_TARGET', `target stage ${JSON.stringify(target)} could not be found`, {
    hint: near ? `did you mean ${near}? (${known})` : known,
  });
}

/** The stage above `before` that a misspelt image name may mean. */
export function nearStage(stages: readonly Stage[], name: string, before: number): string | undefined {
  const names = stages.slice(0, before).flatMap((stage) => (stage.name === undefined ? [] : [stage.name]));
  return /^[\w.-]+$/.test(name) ? nearest(name, names) : undefined;
}
