// Simple commands of shell code, as the rules with ShellCheck's codes look at them.
import type { Command, CommandArgument, Pipeline, Word } from 'unbash';
import { flagsIn } from '../../shell/command.ts';
import { isOf, type Place } from '../../shell/place.ts';
import type { ShellCode } from '../../shell/shell-code.ts';
import { wordText } from '../../shell/word-text.ts';

/** Those with one of some names, name by name. */
export function commandsNamed(
  { programs }: ShellCode,
  ...[first = '', ...more]: readonly string[]
): readonly Place<Command>[] {
  const found = programs.get(first) ?? none;
  return more.length === 0 ? found : [...found, ...more.flatMap((name) => programs.get(name) ?? none)];
}

const none: readonly Place<Command>[] = [];

/** Its arguments with their texts, variables as `${name}`. */
export function textsOf(node: Command): string[] {
  return node.args.map(textOfArgument);
}

export function textOfArgument(arg: CommandArgument): string {
  return arg.type === 'Word' ? wordText(arg) : arg.text;
}

/** Names of all flags up to `--`. */
export function flagsOf(node: Command): string[] {
  const texts = textsOf(node);
  const stop = texts.indexOf('--');
  return texts.slice(0, stop < 0 ? undefined : stop).flatMap(flagsIn);
}

/** The words that are no flags. */
export function operandsOf(node: Command): CommandArgument[] {
  return node.args.filter((arg) => flagsIn(textOfArgument(arg)).length === 0);
}

/** Where one of a node's children stands: itself, with what is around it. */
export function below<N extends Word>(place: Place, node: N): Place<N> {
  return { node, parent: place, code: place.code };
}

/** The command whose words or redirections it is among, were it nested or not. */
export function commandAround(place: Place): Place<Command> | undefined {
  for (let one = place.parent; one !== undefined; one = one.parent) if (isOf(one, 'Command')) return one;
  return undefined;
}

type CommandNode = Pipeline['commands'][number];

/** Pairs of commands with a pipe between them. */
export function* pipedPairs(code: ShellCode): Generator<[Place, Command, CommandNode]> {
  for (const place of code.nodes('Pipeline')) {
    const { commands } = place.node;
    for (const [index, right] of commands.entries()) {
      const left = commands[index - 1];
      if (left?.type === 'Command') yield [place, left, right];
    }
  }
}
