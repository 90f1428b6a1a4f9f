// The process ends with the exit code and the words that scripts and people expect.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
const program = resolve(import.meta.dirname, '../support/program-under-test.ts');
const env = { ...process.env, NO_COLOR: '1' };

function run(file: string, ...argv: string[]) {
  const result = spawnSync(process.execPath, ['--import', 'tsx', file, ...argv], { env, encoding: 'utf8' });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

function begin(...argv: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', program, ...argv], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const test = suite('cli/program');

test('what is wrong goes to standard error, and the process ends with 2', () => {
  const wrong = run(main, 'build', '--no-cahce', '.');
  const err =
    'ERROR: unknown flag: --no-cahce\nhint: did you mean --no-cache? All flags: slipway build --help\n';
  assert.equal(wrong, { code: 2, out: '', err });
});

test('what was asked for goes to standard output, and the process ends with 0', () => {
  const version = run(main, 'version');
  assert.equal([version.code, version.err], [0, '']);
  assert.match(version.out, /^slipway \d+\.\d+\.\d+ /);
});

test('a failed build ends with 1, a machine at fault with 3, a bug with 3 and its stack', () => {
  const failed = run(program, 'fail', 'ERR_SYNTAX');
  assert.equal(failed, { code: 1, out: '', err: 'ERROR: it failed\nhint: mend it\n' });
  assert.is(run(program, 'fail', 'ERR_NETWORK').code, 3);
  for (const where of ['bug', 'stray-bug']) {
    const bug = run(program, where);
    assert.is(bug.code, 3);
    assert.match(bug.err, /x is not a function[\s\S]*at [\s\S]*this is a bug in slipway/);
  }
});

test('an interrupted program stops in order, and ends with 130 or 143', async () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const child = begin('wait');
    let out = '';
    let err = '';
    child.stderr!.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      if (out === 'ready\n') child.kill(signal);
    });
    assert.equal(await once(child, 'close'), [code, null]);
    assert.is(out, 'ready\nstopping\n');
    assert.is(err, `canceled: interrupted by ${signal}\n`);
  }
});

test('a second interrupt ends it at once', async () => {
  const child = begin('hang');
  let out = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
    child.kill('SIGINT');
  });
  assert.equal(await once(child, 'close'), [130, null]);
  assert.is(out, 'ready\nstopping\n');
});

test('a reader that goes away stops the work without a stack trace', async () => {
  const child = begin('flood');
  let err = '';
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout!.once('data', () => child.stdout!.destroy());
  assert.equal(await once(child, 'close'), [3, null]);
  assert.match(err, /^ERROR: the reader of standard output went away\n/);
  assert.not.match(err, '    at ');
});

test.run();
