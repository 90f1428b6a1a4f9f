// A simple command as text: its program and its words, wherever the code stands.
import type { Command } from 'unbash';
import { flagsIn, type ShellWord } from './command.ts';
import type { Span } from './place.ts';
import { literalText, wordText } from './word-text.ts';

export interface CommandText {
  /** The program; behind `command`, `exec` and `builtin` the one that they run. */
  name: string;
  /** What stands behind the first word. */
  readonly words: readonly ShellWord[];
  /** Of the word that names the program, and of the whole. */
  nameSpan: Span;
  span: Span;
  /** Spans count in a text of its own, which stands here. */
  within: Span | undefined;
  node: Command;
}

/** Commands that run the command in their words. */
const wrappers: ReadonlySet<string> = new Set(['busybox', 'builtin', 'command', 'exec', 'run']);

/** Undefined for assignments alone, and where the name is not known before it runs. */
export function readCommand(node: Command, within: Span | undefined): CommandText | undefined {
  if (node.name === undefined) return undefined;
  const first = literalText(node.name);
  if (first === undefined || first === '[') return undefined;
  let name = node.name;
  if (wrappers.has(first)) {
    const wrapped = node.args.find((arg) => arg.type === 'Word' && !wordText(arg).startsWith('-'));
    if (wrapped?.type === 'Word' && literalText(wrapped) !== undefined) name = wrapped;
  }
  const program = name === node.name ? first : (literalText(name) ?? first);
  return new SimpleCommand(node, { name: program, nameSpan: { from: name.pos, to: name.end }, within });
}

class SimpleCommand implements CommandText {
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  readonly within: Span | undefined;
  readonly node: Command;
  #words: readonly ShellWord[] | undefined;

  constructor(node: Command, { name, nameSpan, within }: Pick<CommandText, 'name' | 'nameSpan' | 'within'>) {
    this.name = name;
    this.nameSpan = nameSpan;
    this.span = { from: node.pos, to: node.end };
    this.within = within;
    this.node = node;
  }

  get words(): readonly ShellWord[] {
    this.#words ??= this.node.args.map((arg): ShellWord => {
      const text = arg.type === 'Word' ? wordText(arg) : arg.text;
      return { text, flags: flagsIn(text), span: { from: arg.pos, to: arg.end } };
    });
    return this.#words;
  }
}
