// The documents name no flag that the command beside it has not.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dispatch } from '../../src/cli/dispatch.ts';
import { top } from '../support/cli.ts';
import { createTestSession } from '../support/cli-session.ts';

const test = suite('docs: flags');

async function help(...words: string[]): Promise<string> {
  const session = createTestSession();
  await dispatch([...words, '--help'], session);
  return session.out.text();
}

const flagsIn = (text: string): string[] => text.match(/(?<![\w-])--[a-z][\w-]*/g) ?? [];

/** Of one command line: up to a pipe, a comment, or what only follows another program's name. */
const commandLine = /(?<![\w./-])slipway ([a-z]+)( [a-z]+)?([^`|#;&\n]*)/g;

test('every flag in a command line of the documents is one of that command', async () => {
  const known = new Map<string, Set<string>>();
  const flagsOf = async (...words: string[]): Promise<Set<string>> => {
    const name = words.join(' ');
    const flags = known.get(name) ?? new Set(flagsIn(await help(...words)));
    known.set(name, flags);
    return flags;
  };
  const commands = new Set([...(await help()).matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!));
  const pages = readdirSync(join(top, 'docs')).filter((name) => name.endsWith('.md'));
  let seen = 0;
  for (const page of ['README.md', ...pages.map((name) => `docs/${name}`)]) {
    const text = readFileSync(join(top, page), 'utf8').replaceAll(/\\\n\s*/g, ' ');
    for (const [line, command = '', second = '', rest = ''] of text.matchAll(commandLine)) {
      if (!commands.has(command)) continue;
      const isGroup = command === 'manifest' || command === 'imagetools';
      const flags = await flagsOf(command, ...(isGroup && second ? [second.trim()] : []));
      // What `run` gets behind the image is another program's.
      for (const flag of flagsIn(`${second}${rest}`.split(' -- ')[0]!)) {
        seen += 1;
        assert.ok(flags.has(flag), `${page}: ${flag} in "${line}"`);
      }
    }
  }
  assert.ok(seen > 100, `${seen} flags were looked at`);
});

test.run();
