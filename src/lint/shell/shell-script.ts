// The shell code of a RUN, parsed: its commands in the order of the text, whatever they stand in, and its pipelines.
import { type Command, forEachChild, type Pipeline, parse, type Script, type SyntaxNode } from 'unbash';
import { flagsIn, type ShellCommand, type ShellWord } from './command.ts';
import type { Locate, ScriptSource } from './script-source.ts';
import { literalText, wordText } from './word-text.ts';

export interface ShellScript {
  source: ScriptSource;
  root: Script;
  /** What could not be parsed, with offsets in the text. Commands are empty where there is something. */
  errors: readonly { message: string; pos: number }[];
  commands: readonly ShellCommand[];
  /** Those with a pipe in them. */
  pipelines: readonly Pipeline[];
}

export function parseScript(source: ScriptSource): ShellScript {
  const root = parse(source.text);
  const commands: ShellCommand[] = [];
  const pipelines: Pipeline[] = [];
  const errors = root.errors ?? [];
  function visit(node: SyntaxNode, locate: Locate, isEditable: boolean): void {
    let inner = locate;
    let isInnerEditable = isEditable;
    if (node.type === 'Command') {
      const command = readCommand(node, locate, isEditable);
      if (command !== undefined) commands.push(command);
    } else if (node.type === 'Pipeline') {
      if (node.commands.length > 1) pipelines.push(node);
    } else if ('script' in node && node.script?.source !== undefined) {
      // Offsets in it are those of a text of its own: all of it stands where the expansion stands.
      const range = locate(node.pos, node.end);
      inner = () => range;
      isInnerEditable = false;
    }
    forEachChild(node, (child) => {
      // Most words hold nothing to look into, and their parts are worked out when they are asked for.
      if (child.type !== 'Word' || /[$`<>]/.test(child.text)) visit(child, inner, isInnerEditable);
    });
  }
  if (errors.length === 0) visit(root, source.locate, source.form !== 'exec');
  return { source, root, errors, commands, pipelines };
}

/** Commands that run the command in their words. */
const wrappers = ['busybox', 'builtin', 'command', 'exec', 'run'];

/** Undefined for assignments alone, and where the name is not known before it runs. */
function readCommand(node: Command, locate: Locate, isEditable: boolean): ShellCommand | undefined {
  const first = node.name === undefined ? undefined : literalText(node.name);
  if (first === undefined || node.name === undefined || first === '[') return undefined;
  let name = node.name;
  let words: readonly ShellWord[] | undefined;
  if (wrappers.includes(first)) {
    const wrapped = node.args.find((arg) => arg.type === 'Word' && !wordText(arg).startsWith('-'));
    if (wrapped?.type === 'Word' && literalText(wrapped) !== undefined) name = wrapped;
  }
  return {
    name: literalText(name) ?? first,
    get words() {
      words ??= node.args.map((arg): ShellWord => {
        const text = arg.type === 'Word' ? wordText(arg) : arg.text;
        return { text, flags: flagsIn(text), range: () => locate(arg.pos, arg.end) };
      });
      return words;
    },
    nameRange: () => locate(name.pos, name.end),
    range: () => locate(node.pos, node.end),
    isEditable,
    node,
  };
}
