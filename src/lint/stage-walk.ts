// Walks the instructions of a stage with the variables that each of them sees, as planning does, but without any files.
import { createExpandBudget, isPlain } from '../dockerfile/expand.ts';
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
  undeclared: readonly { name: string; hint: string }[];
  /** Words with their variables resolved: of WORKDIR the path, of EXPOSE the ports, of COPY the sources, of ENV the pairs. */
  words: readonly string[];
  /** A WORKDIR stands above it in this file, in a stage below or this one. */
  workdirSet: boolean;
  /** A SHELL holds, of the base image or this file. */
  shellSet: boolean;
}

interface State {
  env: Env;
  /** Looks up in `env`. */
  tracker: Tracker;
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

const none: readonly never[] = [];

/** Gives the steps of a stage. Stages below it are walked when needed, each once. */
export function createStageWalk({ input, globalEnv, bases }: Scope): (stage: Stage) => Step[] {
  const { escape: escapeSign } = input.dockerfile;
  const budget = createExpandBudget();
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
            tracker: createTracker(env.get, escapeSign, budget),
            names: env.entries().map(([name]) => name),
            declared: new Set(),
            workdirSet: false,
            shellSet: (config?.Shell ?? []).length > 0,
            triggers: none,
          }
        : {
            ...parent,
            env,
            tracker: createTracker(env.get, escapeSign, budget),
            names: [...parent.names],
            declared: new Set(parent.declared),
            triggers: none,
          };
    for (const trigger of parent?.triggers ?? config?.OnBuild ?? none) {
      const instruction = tolerate(() => parseTrigger(trigger, stage.place, escapeSign), undefined);
      if (instruction !== undefined) take(state, instruction);
    }
    return state;
  }

  /** Expands an instruction and lets the state take its effect. */
  function take(state: State, instruction: Instruction): Pick<Step, 'words' | 'undeclared'> {
    if (instruction.keyword === 'ARG') return { words: none, undeclared: takeArg(state, instruction.args) };
    const { tracker } = state;
    const words = isLiteral(instruction) ? plainWords(instruction) : expandedWords(instruction, tracker);
    // BuildKit does not look at EXPOSE: a file that it passes with `check=error=true` has to pass here.
    const undeclared = instruction.keyword === 'EXPOSE' ? none : undeclaredIn(state, none);
    tracker.clear();
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
    const { tracker } = state;
    let undeclared: Step['undeclared'] = none;
    for (const arg of args) {
      const { name } = arg;
      const given = Object.hasOwn(input.buildArgs, name) ? input.buildArgs[name] : undefined;
      const value = given ?? (arg.value === undefined ? globalEnv.get(name) : tracker.word(arg.value));
      undeclared = undeclaredIn(state, undeclared);
      tracker.clear();
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
      const { words, undeclared } = take(state, instruction);
      return { stage, instruction, undeclared, words, workdirSet, shellSet };
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

/** What was looked up and is not there, behind what is known to be missing. */
function undeclaredIn({ names, declared, tracker }: State, before: Step['undeclared']): Step['undeclared'] {
  if (tracker.unset.size === 0) return before;
  const missing = [...tracker.unset].filter((name) => !declared.has(name));
  const told = missing.map((name) => ({ name, hint: didYouMean(name, names, (near) => `$${near}`) }));
  return [...before, ...told];
}

/** What expandedWords gives for an instruction in which nothing is to be expanded. */
function plainWords(instruction: Instruction): readonly string[] {
  switch (instruction.keyword) {
    case 'ENV':
    case 'LABEL':
      return instruction.pairs.flatMap(({ key, value }) => [key, value]);
    case 'ADD':
    case 'COPY':
      return instruction.sources;
    case 'VOLUME':
      return instruction.words;
    case 'USER':
    case 'WORKDIR':
    case 'STOPSIGNAL':
      return [instruction.value];
    default:
      return none;
  }
}

/** Whether one look at the text of an instruction shows that expanding changes nothing in it. */
export function isLiteral(instruction: Instruction): boolean {
  switch (instruction.keyword) {
    case 'RUN':
      return instruction.mounts.length === 0 || isPlain(instruction.text);
    case 'ADD':
    case 'COPY':
      return instruction.heredocs.length === 0 && isPlain(instruction.text);
    // A blank that parts its words need not be one that parts arguments.
    case 'EXPOSE':
      return false;
    default:
      return isPlain(instruction.text);
  }
}

/** Expands every part of an instruction that a build expands; returns its words. */
export function expandedWords(
  instruction: Instruction,
  { word, words, heredoc }: Pick<Tracker, 'word' | 'words' | 'heredoc'>,
): readonly string[] {
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
      return none;
    case 'EXPOSE':
      return instruction.words.flatMap(words);
    case 'VOLUME':
      return instruction.words.map(word);
    case 'USER':
    case 'WORKDIR':
    case 'STOPSIGNAL':
      return [word(instruction.value)];
    default:
      return none;
  }
}
