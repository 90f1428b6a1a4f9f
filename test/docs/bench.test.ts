// The examples of docs/bench.md and of the command's help have flags that exist.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../src/cli/arguments.ts';
import { command } from '../../src/cli/commands/bench-command.ts';
import { benchFlags } from '../../src/cli/commands/bench-flags.ts';
import { top } from '../support/cli.ts';

const test = suite('docs/bench.md');
const text = readFileSync(join(top, 'docs/bench.md'), 'utf8');
const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));

test('every example is a command line of the command', () => {
  const all = [...lines, ...command.examples.map((one) => one.command)];
  assert.ok(all.length >= 10);
  for (const line of all) {
    const [program, name, ...words] = line.split(/\s+/);
    assert.equal([program, name], ['slipway', 'bench'], line);
    assert.is(parseArguments(benchFlags, words, 'slipway bench').positionals.length, 1, line);
  }
});

test('every flag of its own is told of', () => {
  const own = benchFlags.slice(
    0,
    benchFlags.findIndex(({ name }) => name === 'target'),
  );
  for (const { name } of own) if (name !== 'file') assert.ok(text.includes(`--${name}`), name);
});

test.run();
