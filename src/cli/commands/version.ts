// `slipway version`: the program's version on standard output.
import { readFileSync } from 'node:fs';
import { parseArguments } from '../arguments.ts';
import type { Command } from '../session.ts';

const flags = [{ name: 'help', short: 'h', type: 'boolean', group: 'Flags', help: 'this text' }] as const;

export const command: Command = {
  name: 'version',
  usage: 'slipway version',
  description: 'Prints the version of slipway and of the Node.js that runs it.',
  flags,
  examples: [{ does: 'The version', command: 'slipway version' }],
  notes: [],
  async run(argv, session) {
    parseArguments(flags, argv, 'slipway version');
    session.stdout.write(`slipway ${packageVersion()} (Node.js ${process.versions.node})\n`);
  },
};

export function packageVersion(): string {
  // The same depth from src/cli/commands and dist/cli/commands.
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
