// Commands of commands, as `slipway manifest create`: each is a command of its own, loaded when it is asked for.
import { SlipwayError } from '../errors.ts';
import type { Flag } from './arguments.ts';
import type { Command, Session } from './session.ts';
import { suggestionHint } from './suggest.ts';

export type Subcommands = Readonly<Record<string, () => Promise<Command>>>;

/** All that the command above them takes itself. */
export const helpFlags: readonly Flag[] = [
  { name: 'help', short: 'h', type: 'boolean', group: 'This machine', help: 'this text' },
];

/** @throws ERR_USAGE for a word that is none of them */
export async function runSubcommand(
  parent: string,
  subcommands: Subcommands,
  call: { argv: readonly string[]; session: Session },
): Promise<void> {
  const [word, ...rest] = call.argv;
  const load = word !== undefined && Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
  if (!load) {
    const what = word === undefined ? `${parent} needs a command` : `unknown command: ${parent} ${word}`;
    throw new SlipwayError('ERR_USAGE', what, { hint: suggestionHint(word ?? '', Object.keys(subcommands)) });
  }
  const sub = await load();
  if (rest.some((one) => one === '--help' || one === '-h')) {
    const { commandHelp } = await import('./help.ts');
    call.session.stdout.write(commandHelp(sub, call.session.stdout.columns || 80));
    return;
  }
  await sub.run(rest, call.session);
}
