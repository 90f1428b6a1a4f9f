// Shell code as a text alone: what holds of it wherever it stands. Steps of many files run the very same code, and a file
// in an editor is linted at each keystroke: texts are kept with all that was worked out for them.
import { type Command, forEachChild, type Pipeline, parse, type Script, type SyntaxNode } from 'unbash';
import { type CommandText, readCommand } from './command-text.ts';
import { type Place, type Places, placesOf, type Span } from './place.ts';
import { indexPrograms } from './programs.ts';
import type { ShellReport } from './shell-report.ts';

export interface ShellText {
  text: string;
  root: Script;
  /** What could not be parsed, with offsets in the text. Commands are empty where there is something. */
  errors: readonly { message: string; pos: number }[];
  /** In the order of the text, whatever they stand in. */
  commands: readonly CommandText[];
  /** Those of its commands. */
  names: ReadonlySet<string>;
  /** Those with a pipe in them. */
  pipelines: readonly Pipeline[];
  readonly nodes: Places;
  /** Its commands by their programs, folders left out. */
  readonly programs: ReadonlyMap<string, readonly Place<Command>[]>;
  /** The variables whose values it asks for. */
  readonly variables: readonly string[];
  /** What was found under the same circumstances; the first time `find` finds it. */
  reports(circumstances: string, find: () => Reports): Reports;
}

/** By the codes of rules. */
export type Reports = ReadonlyMap<string, readonly ShellReport[]>;

/** Characters of texts that are kept together, twice: those that came first go when nobody has asked for them since. */
const mostKept = 200_000;
/** Of one. */
const longestKept = 20_000;
/** What a text counts for besides its characters. */
const costOfOne = 100;

let kept = new Map<string, ShellText>();
let keptBefore = new Map<string, ShellText>();
let keptLength = 0;

export function readShellText(text: string): ShellText {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const read = keptBefore.get(text) ?? createShellText(text);
  if (text.length > longestKept) return read;
  if (keptLength > mostKept) {
    keptBefore = kept;
    kept = new Map();
    keptLength = 0;
  }
  kept.set(text, read);
  keptLength += text.length + costOfOne;
  return read;
}

function createShellText(text: string): ShellText {
  const root = parse(text);
  const errors = root.errors ?? [];
  const { commands, pipelines } = errors.length === 0 ? readCommands(root) : nothing;
  return new ReadText(text, { root, errors, commands, pipelines });
}

class ReadText implements ShellText {
  readonly text: string;
  readonly root: Script;
  readonly errors: ShellText['errors'];
  readonly commands: readonly CommandText[];
  readonly names: ReadonlySet<string>;
  readonly pipelines: readonly Pipeline[];
  #nodes: Places | undefined;
  #programs: ShellText['programs'] | undefined;
  #variables: readonly string[] | undefined;
  readonly #reports = new Map<string, Reports>();

  constructor(
    text: string,
    { root, errors, commands, pipelines }: Pick<ShellText, 'root' | 'errors' | 'commands' | 'pipelines'>,
  ) {
    this.text = text;
    this.root = root;
    this.errors = errors;
    this.commands = commands;
    this.names = new Set(commands.map(({ name }) => name));
    this.pipelines = pipelines;
  }

  get nodes(): Places {
    this.#nodes ??= this.errors.length === 0 ? placesOf(this.root, this.text) : () => [];
    return this.#nodes;
  }

  get programs(): ShellText['programs'] {
    this.#programs ??= indexPrograms(this.nodes);
    return this.#programs;
  }

  get variables(): readonly string[] {
    this.#variables ??= this.text.includes('$') ? variablesIn(this.nodes) : [];
    return this.#variables;
  }

  reports(circumstances: string, find: () => Reports): Reports {
    let reports = this.#reports.get(circumstances);
    if (reports === undefined) {
      // Circumstances are few, but for those that somebody makes up.
      if (this.#reports.size > 20) this.#reports.clear();
      reports = find();
      this.#reports.set(circumstances, reports);
    }
    return reports;
  }
}

const nothing = { commands: [], pipelines: [] };

function readCommands(root: Script): { commands: CommandText[]; pipelines: Pipeline[] } {
  const commands: CommandText[] = [];
  const pipelines: Pipeline[] = [];
  let within: Span | undefined;
  function visitChild(child: SyntaxNode): void {
    // Most words hold nothing to look into, and their parts are worked out when they are asked for.
    if (child.type !== 'Word' || /[$`<>]/.test(child.text)) visit(child);
  }
  function visit(node: SyntaxNode): void {
    const outer = within;
    if (node.type === 'Command') {
      const command = readCommand(node, within);
      if (command !== undefined) commands.push(command);
    } else if (node.type === 'Pipeline') {
      if (node.commands.length > 1) pipelines.push(node);
    } else if ('script' in node && node.script?.source !== undefined) {
      // Offsets in it are those of a text of its own: all of it stands where the expansion stands.
      within ??= { from: node.pos, to: node.end };
    }
    forEachChild(node, visitChild);
    within = outer;
  }
  visit(root);
  return { commands, pipelines };
}

function variablesIn(nodes: Places): string[] {
  const names = new Set<string>();
  for (const { node } of nodes('SimpleExpansion')) names.add(node.text.slice(1));
  for (const { node } of nodes('ParameterExpansion')) names.add(node.parameter);
  return [...names];
}
