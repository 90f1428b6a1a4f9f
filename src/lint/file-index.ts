// Finds the instructions and the commands of a file by name, so that a rule about what is not there costs nothing.
import type { Keyword, RunInstruction } from '../dockerfile/instruction.ts';
import type { LintFile, LintStep } from './lint-file.ts';
import type { ShellCommand } from './shell/command.ts';
import { readShellCodes, type ShellCode } from './shell/shell-code.ts';
import type { ShellScript } from './shell/shell-script.ts';

/** A RUN whose shell code could be parsed. */
export interface Run {
  step: LintStep<RunInstruction>;
  script: ShellScript;
  readonly commands: readonly ShellCommand[];
}

/** A command, and the RUN it stands in. */
export interface RunCommand {
  step: LintStep<RunInstruction>;
  command: ShellCommand;
  /** Its place among all commands of the file. */
  order: number;
}

export interface FileIndex {
  steps: ReadonlyMap<Keyword, readonly LintStep[]>;
  /** With what ONBUILD triggers in the place of ONBUILD. */
  withTriggers: ReadonlyMap<Keyword, readonly LintStep[]>;
  /** Those that ONBUILD triggers among them. */
  readonly runs: readonly Run[];
  /** Those of a name, in the order of the file. */
  commandsNamed(name: string): readonly RunCommand[];
  /** Of the RUNs whose shell is known. @param file the one that this is the index of */
  shellCodes(file: LintFile): readonly ShellCode[];
  /** Of instructions, as keywords, of commands, and of the rules of shell code that found something. */
  names(file: LintFile): ReadonlySet<string>;
}

/** The shell code is parsed when a rule asks for it. */
export function createFileIndex(list: readonly LintStep[]): FileIndex {
  return new StepIndex(list);
}

class StepIndex implements FileIndex {
  readonly steps: FileIndex['steps'];
  readonly withTriggers: FileIndex['withTriggers'];
  readonly #commands = new Map<string, readonly RunCommand[]>();
  #runs: readonly Run[] | undefined;
  #names: ReadonlySet<string> | undefined;
  #codes: readonly ShellCode[] | undefined;

  constructor(list: readonly LintStep[]) {
    this.steps = byKeyword(list);
    const hasTriggers = list.some(({ trigger }) => trigger !== undefined);
    this.withTriggers = hasTriggers ? byKeyword(list.map((step) => step.trigger ?? step)) : this.steps;
  }

  get runs(): readonly Run[] {
    this.#runs ??= readRuns(this.withTriggers.get('RUN') ?? []);
    return this.#runs;
  }

  commandsNamed(name: string): readonly RunCommand[] {
    let found = this.#commands.get(name);
    if (found === undefined) {
      found = findCommands(this.runs, name);
      this.#commands.set(name, found);
    }
    return found;
  }

  shellCodes(file: LintFile): readonly ShellCode[] {
    this.#codes ??= readShellCodes(file);
    return this.#codes;
  }

  names(file: LintFile): ReadonlySet<string> {
    if (this.#names === undefined) {
      const names = new Set<string>(this.steps.keys());
      for (const name of this.withTriggers.keys()) names.add(name);
      for (const { script } of this.runs) for (const name of script.code.names) names.add(name);
      for (const { reports } of this.shellCodes(file)) for (const code of reports.keys()) names.add(code);
      this.#names = names;
    }
    return this.#names;
  }
}

class ParsedRun implements Run {
  readonly step: Run['step'];
  readonly script: ShellScript;

  constructor(step: Run['step'], script: ShellScript) {
    this.step = step;
    this.script = script;
  }

  get commands(): readonly ShellCommand[] {
    return this.script.commands;
  }
}

function readRuns(steps: readonly LintStep[]): Run[] {
  const runs: Run[] = [];
  for (const step of steps) {
    const script = step.script();
    if (script === undefined || script.errors.length > 0) continue;
    runs.push(new ParsedRun(step as LintStep<RunInstruction>, script));
  }
  return runs;
}

function findCommands(runs: readonly Run[], name: string): RunCommand[] {
  const found: RunCommand[] = [];
  let order = 0;
  for (const { step, script } of runs) {
    const { code } = script;
    if (code.names.has(name))
      for (const [index, command] of script.commands.entries())
        if (command.name === name) found.push({ step, command, order: order + index });
    order += code.commands.length;
  }
  return found;
}

function byKeyword(steps: readonly LintStep[]): Map<Keyword, LintStep[]> {
  const lists = new Map<Keyword, LintStep[]>();
  for (const step of steps) {
    const { keyword } = step.instruction;
    const list = lists.get(keyword);
    if (list === undefined) lists.set(keyword, [step]);
    else list.push(step);
  }
  return lists;
}
