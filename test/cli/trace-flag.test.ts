// --trace is found wherever flags of a command may stand, and nowhere else.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { runFlags } from '../../src/cli/commands/run-flags.ts';
import { takeTraceFlag } from '../../src/cli/trace-flag.ts';
import { SlipwayError } from '../../src/errors.ts';

const test = suite('cli/trace-flag');

const build = (...argv: string[]) => takeTraceFlag({ flags: buildFlags }, argv);
const run = (...argv: string[]) => takeTraceFlag({ flags: runFlags, passesOn: true }, argv);

test('it is taken out of the words, with its value, in both spellings; the last one counts', () => {
  assert.equal(build('.', '--trace', 'f', '-t', 'a'), { argv: ['.', '-t', 'a'], file: 'f' });
  assert.equal(build('--trace=f', '--trace=g=h', '.'), { argv: ['.'], file: 'g=h' });
  assert.equal(build('--no-cache', '.'), { argv: ['--no-cache', '.'], file: undefined });
});

test('as the value of another flag, after --, and among the words of a command it is none', () => {
  for (const argv of [
    ['-t', '--trace', '.'],
    ['--tag', '--trace'],
    ['--', '--trace', 'f'],
    ['--traces', 'f'],
  ])
    assert.equal(build(...argv), { argv, file: undefined });
  const passed = ['-i', 'image', 'strace', '--trace', 'f'];
  assert.equal(run(...passed), { argv: passed, file: undefined });
  assert.equal(run('--trace', 'f', ...passed), { argv: passed, file: 'f' });
});

test('without a value it is an error', () => {
  for (const argv of [['--trace'], ['--trace='], ['--trace', '']])
    assert.throws(
      () => build(...argv),
      (error: unknown) => error instanceof SlipwayError && error.code === 'ERR_USAGE',
    );
});

test.run();
