// The typed instructions that parsing yields. Text is as written: variables and quotes are resolved when planning.
import type { SourceRange } from '../errors.ts';

export type Keyword =
  | 'ADD'
  | 'ARG'
  | 'CMD'
  | 'COPY'
  | 'ENTRYPOINT'
  | 'ENV'
  | 'EXPOSE'
  | 'FROM'
  | 'HEALTHCHECK'
  | 'LABEL'
  | 'MAINTAINER'
  | 'ONBUILD'
  | 'RUN'
  | 'SHELL'
  | 'STOPSIGNAL'
  | 'USER'
  | 'VOLUME'
  | 'WORKDIR';

/** `<<EOF` and its body. The body is raw: with `chomp` leading tabs are already gone. */
export interface Heredoc {
  /** The delimiter without quotes. */
  name: string;
  /** File descriptor prefix, 0 where none is written. */
  fd: number;
  /** False where any part of the delimiter is quoted: the body is literal. */
  expand: boolean;
  /** `<<-`: leading tabs of each line are dropped. */
  chomp: boolean;
  body: string;
  range: SourceRange;
}

/** A command as written: JSON array (exec form) or one line for the shell. */
export type Command = { form: 'exec'; argv: string[] } | { form: 'shell'; line: string };

interface Base {
  /** The keyword as written, for casing checks. */
  written: string;
  /** From the keyword to the end of the last line, heredoc bodies included. */
  range: SourceRange;
  /** The logical line: continuations joined, comments dropped, heredoc bodies left out. */
  text: string;
  /** The comment lines directly above, `#` and one blank taken off. */
  comments: string[];
}

export interface KeyValue {
  key: string;
  value: string;
}

export interface FromInstruction extends Base {
  keyword: 'FROM';
  image: string;
  /** In lower case, as it is looked up. */
  name: string | undefined;
  writtenName: string | undefined;
  platform: string | undefined;
}
export interface RunInstruction extends Base {
  keyword: 'RUN';
  command: Command;
  /** In the order of their markers in the line. */
  heredocs: Heredoc[];
  /** Values of --mount, unparsed: they may hold variables. */
  mounts: string[];
  network: string | undefined;
  security: string | undefined;
}
export interface CopyInstruction extends Base {
  keyword: 'COPY' | 'ADD';
  /** Source words without the heredocs; with `json` they were a JSON array. */
  sources: string[];
  heredocs: Heredoc[];
  destination: string;
  from: string | undefined;
  chown: string | undefined;
  chmod: string | undefined;
  link: boolean;
  parents: boolean;
  excludes: string[];
  /** ADD only. */
  checksum: string | undefined;
  keepGitDir: boolean | undefined;
  unpack: boolean | undefined;
}
export interface ArgInstruction extends Base {
  keyword: 'ARG';
  args: { name: string; value: string | undefined }[];
}
export interface EnvInstruction extends Base {
  keyword: 'ENV' | 'LABEL';
  pairs: KeyValue[];
  legacy: boolean;
}
export interface CommandInstruction extends Base {
  keyword: 'CMD' | 'ENTRYPOINT';
  command: Command;
}
export interface ShellInstruction extends Base {
  keyword: 'SHELL';
  argv: string[];
}
export interface HealthcheckInstruction extends Base {
  keyword: 'HEALTHCHECK';
  /** Undefined for NONE. */
  command: Command | undefined;
  /** Nanoseconds; undefined where not given. */
  interval: number | undefined;
  timeout: number | undefined;
  startPeriod: number | undefined;
  startInterval: number | undefined;
  retries: number | undefined;
}
export interface WordsInstruction extends Base {
  keyword: 'EXPOSE' | 'VOLUME';
  words: string[];
}
export interface ValueInstruction extends Base {
  keyword: 'USER' | 'WORKDIR' | 'STOPSIGNAL' | 'MAINTAINER';
  value: string;
}
export interface OnbuildInstruction extends Base {
  keyword: 'ONBUILD';
  /** The trigger as the image records it, heredoc bodies included: parsed where it runs. */
  trigger: string;
}

export type Instruction =
  | FromInstruction
  | RunInstruction
  | CopyInstruction
  | ArgInstruction
  | EnvInstruction
  | CommandInstruction
  | ShellInstruction
  | HealthcheckInstruction
  | WordsInstruction
  | ValueInstruction
  | OnbuildInstruction;

/** `# syntax=`, `# escape=`, `# check=` at the top of a file. */
export interface Directive {
  name: 'syntax' | 'escape' | 'check';
  value: string;
  range: SourceRange;
}

export interface Dockerfile {
  /** As the user names it. */
  file: string;
  text: string;
  escape: '\\' | '`';
  directives: Directive[];
  instructions: Instruction[];
  /** Oddities that do not stop a build (an empty continuation line, …). */
  warnings: { message: string; range: SourceRange }[];
}
