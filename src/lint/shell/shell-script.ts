// The shell code of a RUN, parsed, and where its commands stand in the Dockerfile.
import type { Pipeline, Script } from 'unbash';
import type { SourceRange } from '../../errors.ts';
import type { ShellCommand, ShellWord } from './command.ts';
import type { CommandText } from './command-text.ts';
import type { Span } from './place.ts';
import type { ScriptSource } from './script-source.ts';
import { readShellText, type ShellText } from './shell-text.ts';

export interface ShellScript {
  source: ScriptSource;
  /** What holds of its text, wherever that stands. */
  code: ShellText;
  root: Script;
  /** What could not be parsed, with offsets in the text. Commands are empty where there is something. */
  errors: ShellText['errors'];
  readonly commands: readonly ShellCommand[];
  /** Those with a pipe in them. */
  pipelines: readonly Pipeline[];
}

export function parseScript(source: ScriptSource): ShellScript {
  return new PlacedScript(source, readShellText(source.text));
}

class PlacedScript implements ShellScript {
  readonly source: ScriptSource;
  readonly code: ShellText;
  readonly root: Script;
  readonly errors: ShellText['errors'];
  readonly pipelines: readonly Pipeline[];
  #commands: readonly ShellCommand[] | undefined;

  constructor(source: ScriptSource, code: ShellText) {
    this.source = source;
    this.code = code;
    this.root = code.root;
    this.errors = code.errors;
    this.pipelines = code.pipelines;
  }

  get commands(): readonly ShellCommand[] {
    this.#commands ??= this.code.commands.map((command) => new PlacedCommand(command, this.source));
    return this.#commands;
  }
}

class PlacedCommand implements ShellCommand {
  readonly name: string;
  readonly isEditable: boolean;
  readonly command: CommandText;
  readonly source: ScriptSource;

  constructor(command: CommandText, source: ScriptSource) {
    this.name = command.name;
    this.isEditable = command.within === undefined && source.form !== 'exec';
    this.command = command;
    this.source = source;
  }

  get words(): readonly ShellWord[] {
    return this.command.words;
  }

  range(): SourceRange {
    return this.locate(this.command.span);
  }

  nameRange(): SourceRange {
    return this.locate(this.command.nameSpan);
  }

  rangeOf({ span }: ShellWord): SourceRange {
    return this.locate(span);
  }

  private locate(span: Span): SourceRange {
    const { from, to } = this.command.within ?? span;
    return this.source.locate(from, to);
  }
}
