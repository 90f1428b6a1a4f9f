// A Dockerfile as the linter's own rules see it: what could be parsed, its stages, triggers of ONBUILD and shell code.
import type { Dockerfile, FromInstruction, Instruction } from '../dockerfile/instruction.ts';
import { type LocatedInstruction, parseTolerant } from '../dockerfile/parse-tolerant.ts';
import type { Statement } from '../dockerfile/statement.ts';
import type { SlipwayError } from '../errors.ts';
import { type Analysis, analyse, type LintInput } from './analysis.ts';
import { withBareFlags } from './compat.ts';
import { createFileIndex, type FileIndex } from './file-index.ts';
import type { LintSettings } from './settings.ts';
import { readScriptSource } from './shell/script-source.ts';
import { parseScript, type ShellScript } from './shell/shell-script.ts';
import { tolerate } from './tracked-expansion.ts';

/** One instruction. */
export interface LintStep<T extends Instruction = Instruction> {
  instruction: T;
  statement: Statement;
  /** Undefined in front of the first FROM. */
  stage: LintStage | undefined;
  /** It is what an ONBUILD triggers. */
  isTrigger: boolean;
  /** What an ONBUILD triggers. */
  trigger: LintStep | undefined;
  /** The shell code of a RUN; undefined for others, and where its first line names something that is no shell. */
  script(): ShellScript | undefined;
}

export interface LintStage {
  index: number;
  from: LintStep<FromInstruction>;
  /** What is behind FROM. */
  steps: LintStep[];
  /** As it is written behind AS. */
  alias: string | undefined;
  /** The stage above that FROM names, compared as this file's mode compares names. */
  parent: LintStage | undefined;
}

export interface LintFile {
  dockerfile: Dockerfile;
  lines(): readonly string[];
  errors: readonly SlipwayError[];
  /** In the order of the file. */
  steps: readonly LintStep[];
  stages: readonly LintStage[];
  index: FileIndex;
  settings: LintSettings;
  /** Rules do as hadolint does, its known mistakes included. */
  compat: boolean;
  /** How a build sees the file: variables resolved. Undefined where it would refuse the file. */
  analysis(): Analysis | undefined;
}

export function readLintFile(given: string, file: string, settings: LintSettings): LintFile {
  const text = settings.compat === 'hadolint' ? withBareFlags(given) : given;
  const { source, dockerfile, located, errors } = parseTolerant(text, file);
  const compat = settings.compat === 'hadolint';
  const steps: LintStep[] = [];
  const stages: LintStage[] = [];

  function read({ instruction, statement, trigger }: LocatedInstruction, isTrigger = false): LintStep {
    let script: ShellScript | undefined | null = null;
    const step: LintStep = {
      instruction,
      statement,
      stage: stages.at(-1),
      isTrigger,
      trigger: trigger && read(trigger, true),
      script() {
        if (script !== null) return script;
        if (instruction.keyword !== 'RUN') script = undefined;
        else {
          const found = readScriptSource(instruction, statement, { source, anyHeredoc: compat });
          script = isForeign(found.shebang) ? undefined : parseScript(found);
        }
        return script;
      },
    };
    return step;
  }

  for (const one of located) {
    const step = read(one);
    steps.push(step);
    if (!isFrom(step)) {
      step.stage?.steps.push(step);
      continue;
    }
    const { image, writtenName: alias } = step.instruction;
    const same = (name: string) => (compat ? name : name.toLowerCase());
    const parent = stages.findLast((stage) => stage.alias !== undefined && same(stage.alias) === same(image));
    const stage = { index: stages.length, from: step, steps: [], alias, parent };
    step.stage = stage;
    stages.push(stage);
  }

  let lines: readonly string[] | undefined;
  let analysis: Analysis | undefined | null = null;
  return {
    dockerfile,
    lines() {
      lines ??= source.lines.map(({ start, end }) => text.slice(start, end));
      return lines;
    },
    errors,
    steps,
    stages,
    index: createFileIndex(steps),
    settings,
    compat,
    analysis() {
      if (analysis === null) {
        analysis = tolerate(() => analyse(buildInput(buildable(dockerfile), settings)), undefined);
      }
      return analysis;
    },
  };
}

function isFrom(step: LintStep): step is LintStep<FromInstruction> {
  return step.instruction.keyword === 'FROM';
}

/** The file without what no build takes in front of the first FROM. */
function buildable(dockerfile: Dockerfile): Dockerfile {
  const { instructions } = dockerfile;
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const kept = instructions.filter(({ keyword }, index) => index >= first || keyword === 'ARG');
  return { ...dockerfile, instructions: kept };
}

function buildInput(dockerfile: Dockerfile, settings: LintSettings): LintInput {
  const platform = settings.platform ?? { os: 'linux', architecture: 'amd64' };
  return {
    dockerfile,
    buildArgs: settings.buildArgs ?? {},
    buildPlatform: platform,
    targetPlatform: platform,
    target: undefined,
    ignorePatterns: settings.ignorePatterns,
    bases: settings.compat === undefined ? settings.bases : undefined,
  };
}

/** Whether the program behind `#!`, or behind a heredoc's marker, is no shell. */
function isForeign(program: string | undefined): boolean {
  return program !== undefined && !/(?:^|[/\s])(?:ba|da|a|k|z)?sh(?:\s|$)/.test(program);
}
