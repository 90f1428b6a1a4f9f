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
  commands: readonly ShellCommand[];
}

/** A command, and the RUN it stands in. */
export interface RunCommand extends Run {
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
  readonly commands: ReadonlyMap<string, readonly RunCommand[]>;
  /** Of the RUNs whose shell is known. @param file the one that this is the index of */
  shellCodes(file: LintFile): readonly ShellCode[];
  /** The texts of these, one below the other. */
  shellText(file: LintFile): string;
  /** Of instructions, as keywords, and of commands. */
  readonly names: ReadonlySet<string>;
}

/** The shell code is parsed when a rule asks for it. */
export function createFileIndex(list: readonly LintStep[]): FileIndex {
  const steps = new Map<Keyword, LintStep[]>();
  const withTriggers = new Map<Keyword, LintStep[]>();
  let runs: Run[] | undefined;
  let commands: Map<string, RunCommand[]> | undefined;
  let names: ReadonlySet<string> | undefined;
  let codes: readonly ShellCode[] | undefined;
  let shellText: string | undefined;
  for (const step of list) {
    add(steps, step.instruction.keyword, step);
    const seen = step.trigger ?? step;
    add(withTriggers, seen.instruction.keyword, seen);
  }
  return {
    steps,
    withTriggers,
    get runs() {
      runs ??= readRuns(withTriggers.get('RUN') ?? []);
      return runs;
    },
    get commands() {
      if (commands === undefined) {
        commands = new Map();
        let order = 0;
        for (const run of this.runs) {
          for (const command of run.commands)
            add(commands, command.name, { ...run, command, order: order++ });
        }
      }
      return commands;
    },
    shellCodes(file) {
      codes ??= readShellCodes(file);
      return codes;
    },
    shellText(file) {
      shellText ??= this.shellCodes(file)
        .map(({ script }) => script.source.text)
        .join('\n');
      return shellText;
    },
    get names() {
      names ??= new Set<string>([...steps.keys(), ...withTriggers.keys(), ...this.commands.keys()]);
      return names;
    },
  };
}

function readRuns(steps: readonly LintStep[]): Run[] {
  return steps.flatMap((step) => {
    const script = step.script();
    if (script === undefined || script.errors.length > 0) return [];
    return [{ step: step as LintStep<RunInstruction>, script, commands: script.commands }];
  });
}

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const found = lists.get(key);
  if (found === undefined) lists.set(key, [value]);
  else found.push(value);
}
