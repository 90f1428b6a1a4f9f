// The shell code of a file's RUN instructions, each with the shell that runs it and the variables it finds set.
import type { Command } from 'unbash';
import type { Instruction, RunInstruction } from '../../dockerfile/instruction.ts';
import type { Run } from '../file-index.ts';
import { baseConfig } from '../fixes/base-config.ts';
import type { LintFile, LintStage, LintStep } from '../lint-file.ts';
import { findReports } from '../rules/sc/find-reports.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import type { Place, Places } from './place.ts';
import { readShellComments } from './shell-comments.ts';
import type { ShellScript } from './shell-script.ts';
import type { Reports } from './shell-text.ts';
import { traceValues, type Values } from './values.ts';

export interface ShellCode {
  step: LintStep<RunInstruction>;
  script: ShellScript;
  dialect: Dialect;
  /** ENV and ARG of the stage down to here, and what a build sets. */
  readonly variables: ReadonlySet<string>;
  readonly nodes: Places;
  /** Its commands by their programs, folders left out. */
  readonly programs: ReadonlyMap<string, readonly Place<Command>[]>;
  /** Rules do as ShellCheck does, its known mistakes included. */
  isExactly: boolean;
  /** Its SHELL has -e. */
  stopsAtFailure: boolean;
  /** What is known of variables where they are used. */
  values(): Values;
  /** What rules find in it, by their codes. */
  readonly reports: Reports;
}

const predefined = ['http', 'https', 'ftp', 'no', 'all'].flatMap((name) => [
  `${name}_proxy`,
  `${name.toUpperCase()}_PROXY`,
]);

interface StageState {
  stopsAtFailure: boolean;
  dialect: Dialect | undefined;
  variables: Scope;
}

/** Variables that are set: only steps that use some ask for all of them. */
interface Scope {
  outer: Scope | undefined;
  names: readonly string[];
  all: ReadonlySet<string> | undefined;
}

const outermost: Scope = { outer: undefined, names: predefined, all: undefined };

function allOf(scope: Scope): ReadonlySet<string> {
  if (scope.all !== undefined) return scope.all;
  const inner: Scope[] = [];
  let one: Scope | undefined = scope;
  for (; one !== undefined && one.all === undefined; one = one.outer) inner.push(one);
  const all = new Set(one?.all);
  for (const { names } of inner.reverse()) for (const name of names) all.add(name);
  scope.all = all;
  return all;
}

/** Code that a shell runs whose language is known; none for PowerShell and the like, nor for the exec form. */
export function readShellCodes(file: LintFile): ShellCode[] {
  const codes: ShellCode[] = [];
  if (file.index.runs.length === 0) return codes;
  // In the order of the steps.
  const { runs } = file.index;
  let next = 0;
  const comments = readShellComments(file);
  const start: StageState = { dialect: 'sh', variables: outermost, stopsAtFailure: false };
  const ends = new Map<LintStage | undefined, StageState>();
  let standard: Dialect | undefined = 'sh';
  let state = start;
  for (const outer of file.steps) {
    const { instruction, stage } = outer;
    const comment = comments.get(instruction.range.start.line);
    if (comment !== undefined && stage === undefined) standard = comment.dialect;
    if (instruction.keyword === 'FROM') state = enterStage(outer, { file, ends, standard });
    if (comment !== undefined) {
      if (file.stages[0]?.from === outer) standard = comment.dialect;
      state = { ...state, dialect: comment.dialect };
    }
    const step = outer.trigger ?? outer;
    const run = runs[next];
    if (run?.step === step) {
      next++;
      const { shebang, form } = run.script.source;
      const found = shebang === undefined ? state.dialect : dialectOf(shebang.split(/\s+/));
      // ShellCheck knows no ash of its own.
      const dialect = file.compat && found === 'ash' ? 'dash' : found;
      if (dialect !== undefined && form !== 'exec')
        codes.push(new RunCode(run, { ...state, dialect }, file.compat));
    }
    state = apply(state, step.instruction);
    ends.set(stage, state);
  }
  return codes;
}

class RunCode implements ShellCode {
  readonly step: ShellCode['step'];
  readonly script: ShellScript;
  readonly dialect: Dialect;
  readonly isExactly: boolean;
  readonly stopsAtFailure: boolean;
  readonly #scope: Scope;
  #values: Values | undefined;
  #reports: Reports | undefined;

  constructor(
    { step, script }: Run,
    { dialect, variables, stopsAtFailure }: StageState & { dialect: Dialect },
    isExactly: boolean,
  ) {
    this.step = step;
    this.script = script;
    this.dialect = dialect;
    this.isExactly = isExactly;
    // hadolint hands on the program of SHELL alone.
    this.stopsAtFailure = stopsAtFailure && !isExactly;
    this.#scope = variables;
  }

  get variables(): ReadonlySet<string> {
    return allOf(this.#scope);
  }

  get nodes(): Places {
    return this.script.code.nodes;
  }

  get programs(): ShellCode['programs'] {
    return this.script.code.programs;
  }

  values(): Values {
    this.#values ??= traceValues(this.script.root, this.variables);
    return this.#values;
  }

  get reports(): Reports {
    if (this.#reports === undefined) {
      const { dialect, isExactly, stopsAtFailure, script } = this;
      const set = setAmong(script.code.variables, this.#scope);
      const circumstances = `${dialect} ${isExactly} ${stopsAtFailure} ${set}`;
      this.#reports = script.code.reports(circumstances, () => findReports(this));
    }
    return this.#reports;
  }
}

function setAmong(names: readonly string[], variables: Scope): string {
  return names.length === 0 ? '' : names.filter((name) => allOf(variables).has(name)).join();
}

function apply(state: StageState, instruction: Instruction): StageState {
  switch (instruction.keyword) {
    case 'SHELL':
      return enterShell(state, instruction.argv);
    case 'ARG':
      return withVariables(
        state,
        instruction.args.map(({ name }) => name),
      );
    case 'ENV':
      return withVariables(
        state,
        instruction.pairs.map(({ key }) => key),
      );
    default:
      return state;
  }
}

function enterShell(state: StageState, argv: readonly string[]): StageState {
  const words = argv.flatMap((word) => word.split(/\s+/));
  return {
    ...state,
    dialect: dialectOf(words),
    stopsAtFailure: words.some((word) => /^-[a-z]*e/.test(word)),
  };
}

function withVariables(state: StageState, names: readonly string[]): StageState {
  return { ...state, variables: { outer: state.variables, names, all: undefined } };
}

const windowsImage = /(?:windows|nanoserver|servercore)/i;

/** A stage begins with what its parent left; hadolint forgets the parent's SHELL. */
function enterStage(
  { stage, instruction }: LintStep,
  {
    file,
    ends,
    standard,
  }: { file: LintFile; ends: ReadonlyMap<LintStage | undefined, StageState>; standard: Dialect | undefined },
): StageState {
  const parent = stage?.parent && ends.get(stage.parent);
  const { image, platform } = instruction.keyword === 'FROM' ? instruction : { image: '', platform: '' };
  const isWindows = !file.compat && (windowsImage.test(image) || /^windows\b/i.test(platform ?? ''));
  const own = isWindows ? undefined : standard;
  if (parent !== undefined) return file.compat ? { ...parent, dialect: own } : parent;
  const { Shell: shell = [], Env: env = [] } = (file.compat ? undefined : baseConfig(file, stage)) ?? {};
  const set = (env ?? []).map((text) => text.split('=', 1)[0]!);
  const variables = set.length === 0 ? outermost : { outer: outermost, names: set, all: undefined };
  const state = { dialect: own, variables, stopsAtFailure: false };
  return shell && shell.length > 0 ? enterShell(state, shell) : state;
}
