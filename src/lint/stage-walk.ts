// Walks the instructions of a stage with the variables that each of them sees, as planning does, but without any files.
import type { Instruction } from '../dockerfile/instruction.ts';
import { parseMount } from '../dockerfile/mount.ts';
import { parseTrigger } from '../dockerfile/parse.ts';
import { defaultPath, Env } from '../graph/env.ts';
import type { Stage } from '../graph/stage.ts';
import type { LintInput } from './analysis.ts';
import { didYouMean } from './did-you-mean.ts';
import type { StageBase } from './stage-base.ts';
import { createTracker, type Tracker, tolerate } from './tracked-expansion.ts';

/** One instruction of a stage that is built, with what holds in front of it. */
export interface Step {
  stage: Stage;
  instruction: Instruction;
  /** Variables it uses that have no value and that no ARG declares, each with the end of a message. */
  undeclared: { name: string; hint: string }[];
  /** Words with their variables resolved: of WORKDIR the path, of EXPOSE the ports, of COPY the sources, of ENV the pairs. */
  words: string[];
  /** A WORKDIR stands above it in this file, in a stage below or this one. */
  workdirSet: boolean;
  /** A SHELL holds, of the base image or this file. */
  shellSet: boolean;
}

interface State {
  env: Env;
  /** The names in `env`. */
  names: string[];
  declared: Set<string>;
  workdirSet: boolean;
  shellSet: boolean;
  triggers: readonly string[];
}

interface Scope {
  input: LintInput;
  globalEnv: Env;
  bases: ReadonlyMap<Stage, StageBase>;
}

/** Gives the steps of a stage. Stages below it are walked when needed, each once. */
export function createStageWalk({ input, globalEnv, bases }: Scope): (stage: Stage) => Step[] {
  const { escape: escapeSign } = input.dockerfile;
  const walked = new Map<Stage, { steps: Step[]; end: State }>();

  function begin(stage: Stage): State {
    const base = bases.get(stage)!;
    const parent = base.stage && walk(base.stage).end;
    const config = base.config?.config;
    const env =
      parent?.env.clone() ?? new Env([['PATH', defaultPath], ...Env.parse(config?.Env ?? []).entries()]);
    const state: State =
      parent === undefined
        ? {
            env,
            names: env.entries().map(([name]) => name),
            declared: new Set(),
            workdirSet: false,
            shellSet: (config?.Shell ?? []).length > 0,
            triggers: [],
          }
        : { ...parent, env, names: [...parent.names], declared: new Set(parent.declared), triggers: [] };
    for (const trigger of parent?.triggers ?? config?.OnBuild ?? []) {
      const instruction = tolerate(() => parseTrigger(trigger, stage.place, escapeSign), undefined);
      if (instruction !== undefined) take(state, instruction);
    }
    return state;
  }

  /** Expands an instruction and lets the state take its effect. */
  function take(state: State, instruction: Instruction): Pick<Step, 'words' | 'undeclared'> {
    if (instruction.keyword === 'ARG') return { words: [], undeclared: takeArg(state, instruction.args) };
    const tracker = createTracker(state.env.get, escapeSign);
    const words = expandedWords(instruction, tracker);
    // BuildKit does not look at EXPOSE: a file that it passes with `check=error=true` has to pass here.
    const unset = instruction.keyword === 'EXPOSE' ? [] : [...tracker.unset];
    const undeclared = unset.flatMap((name) => undeclaredIn(state, name));
    if (instruction.keyword === 'ENV') {
      for (let at = 0; at < words.length; at += 2) setVariable(state, words[at]!, words[at + 1]!);
    } else if (instruction.keyword === 'SHELL') state.shellSet = true;
    else if (instruction.keyword === 'WORKDIR') state.workdirSet = true;
    else if (instruction.keyword === 'ONBUILD') state.triggers = [...state.triggers, instruction.trigger];
    return { words, undeclared };
  }

  /** Returns what is undeclared: an ARG sees those in front of it on its line, but not itself. */
  function takeArg(
    state: State,
    args: readonly { name: string; value: string | undefined }[],
  ): Step['undeclared'] {
    const undeclared: Step['undeclared'] = [];
    for (const arg of args) {
      const tracker = createTracker(state.env.get, escapeSign);
      const name = tracker.word(arg.name);
      const given = Object.hasOwn(input.buildArgs, name) ? input.buildArgs[name] : undefined;
      const value = given ?? (arg.value === undefined ? globalEnv.get(name) : tracker.word(arg.value));
      for (const unset of tracker.unset) undeclared.push(...undeclaredIn(state, unset));
      if (value !== undefined) setVariable(state, name, value);
      state.declared.add(name);
    }
    return undeclared;
  }

  function walk(stage: Stage): { steps: Step[]; end: State } {
    const known = walked.get(stage);
    if (known !== undefined) return known;
    const state = begin(stage);
    const instructions = bases.get(stage)!.replaced ? [] : stage.instructions;
    const steps = instructions.map((instruction): Step => {
      const { workdirSet, shellSet } = state;
      return { stage, instruction, workdirSet, shellSet, ...take(state, instruction) };
    });
    const result = { steps, end: state };
    walked.set(stage, result);
    return result;
  }

  return (stage) => walk(stage).steps;
}

function setVariable({ env, names }: State, name: string, value: string): void {
  if (env.get(name) === undefined) names.push(name);
  env.set(name, value);
}

function undeclaredIn({ names, declared }: State, name: string): Step['undeclared'] {
  if (declared.has(name)) return [];
  return [{ name, hint: didYouMean(name, names, (near) => `$${near}`) }];
}

/** Expands every part of an instruction that a build expands; returns its words. */
export function expandedWords(
  instruction: Instruction,
  { word, words, heredoc }: Pick<Tracker, 'word' | 'words' | 'heredoc'>,
): string[] {
  switch (instruction.keyword) {
    case 'ENV':
    case 'LABEL':
      return instruction.pairs.flatMap(({ key, value }) => [word(key), word(value)]);
    case 'ADD':
    case 'COPY': {
      const { chown, chmod, checksum, excludes, destination } = instruction;
      const sources = instruction.sources.map(word);
      for (const text of [destination, chown, chmod, checksum, ...excludes])
        if (text !== undefined) word(text);
      for (const { expand, body } of instruction.heredocs) if (expand) heredoc(body);
      return sources;
    }
    case 'RUN':
      for (const mount of instruction.mounts) tolerate(() => parseMount(mount, word), undefined);
      return [];
    case 'EXPOSE':
      return instruction.words.flatMap(words);
    case 'VOLUME':
      return instruction.words.map(word);
    case 'USER':
    case 'WORKDIR':
    case 'STOPSIGNAL':
      return [word(instruction.value)];
    default:
      return [];
  }
}
