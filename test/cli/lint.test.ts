// `slipway lint`: from the command line to lines, JSON and the exit code.
import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runLint } from '../../src/cli/commands/lint.ts';
import type { SlipwayError } from '../../src/errors.ts';
import { createTestSession } from '../support/cli-session.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('slipway lint');

const bad = 'FROM debian\nRUN x && \\\n  apt-get install curl=1\nMAINTAINER me\n';

async function lint(argv: string[], text = bad) {
  const session = createTestSession();
  session.stdin = (async function* () {
    yield Buffer.from(text);
  })();
  await runLint(argv, session);
  return { out: session.out.text(), exitCode: session.failure.exitCode ?? 0 };
}

const rejection = async (argv: string[]): Promise<SlipwayError> => {
  try {
    await lint(argv);
  } catch (error) {
    return error as SlipwayError;
  }
  throw new Error('nothing was thrown');
};

test('each finding is a line: file, line, column, code, severity, message', async () => {
  const { out, exitCode } = await lint(['-']);
  assert.equal(
    out.split('\n').map((line) => line.split(':').slice(0, 3).join(':')),
    ['-:1:6 DL3006 warning', '-:3:3 DL3014 warning', '-:3:3 DL3015 info', '-:4:1 DL4000 error', ''],
  );
  assert.is(exitCode, 1);
});

test("in hadolint's place there are no columns, and lines are those of instructions", async () => {
  const { out } = await lint(['--compat=hadolint', '-']);
  assert.equal(
    out.split('\n').map((line) => line.split(':').slice(0, 2).join(':')),
    ['-:1 DL3006 warning', '-:2 DL3014 warning', '-:2 DL3015 info', '-:4 DL4000 error', ''],
  );
  const broken = await lint(['--compat=hadolint', '-'], 'FROM a:1\nNOPE\n');
  assert.match(broken.out, /^-:2:1 unknown instruction/);
});

test("BuildKit's checks alone, where it reports them", async () => {
  const { out } = await lint(['--compat=buildkit', '-']);
  assert.match(out, /^-:4:1 MaintainerDeprecated warning: /);
  assert.is(out.split('\n').length, 2);
});

test("JSON has hadolint's fields", async () => {
  const { out } = await lint(['--format=json', '-'], 'FROM debian\n');
  const [{ message, ...rest }] = JSON.parse(out);
  assert.type(message, 'string');
  const end = { endLine: 1, endColumn: 12 };
  assert.equal(rest, { file: '-', line: 1, column: 6, ...end, level: 'warning', code: 'DL3006' });
  assert.is((await lint(['--format=json', '-'], 'FROM a:1\n')).out, '[]\n');
});

test('the threshold decides the exit code, and a file that can not be parsed always fails', async () => {
  const info = 'FROM a:1\nRUN a\nRUN b\n';
  assert.is((await lint(['-'], info)).exitCode, 1);
  assert.is((await lint(['-t', 'warning', '-'], info)).exitCode, 0);
  assert.is((await lint(['--failure-threshold=error', '-'])).exitCode, 1);
  assert.is((await lint(['--no-fail', '-'])).exitCode, 0);
  assert.is((await lint(['-t', 'error', '-'], 'FROM a:1\nCOPY b\n')).exitCode, 1);
  const style = 'FROM a:1\nLABEL Key=1\n';
  assert.is((await lint(['-'], style)).exitCode, 0);
  assert.is((await lint(['-t', 'none', '-'], style)).exitCode, 1);
});

test('rules are left out, changed and turned on by code or name; the most severe counts', async () => {
  const codes = async (...argv: string[]) =>
    (await lint([...argv, '-'], 'FROM debian\n')).out
      .split('\n')
      .map((line) => line.split(' ').slice(1, 3).join(' '));
  assert.equal(await codes('--ignore=DL3006'), ['']);
  assert.equal(await codes('--ignore=UntaggedImage'), ['']);
  assert.equal(await codes('--style=DL3006', '--error=DL3006'), ['DL3006 error:', '']);
  assert.equal(await codes('--ignore=DL3006', '--info=DL3057'), ['DL3057 info:', '']);
});

test('labels and registries can be named', async () => {
  const text = 'FROM elsewhere.example.com/a:1\nLABEL b=""\n';
  const { out } = await lint(
    [
      '--trusted-registry=example.com',
      '--require-label=b:text',
      '--require-label=c:url',
      '--strict-labels',
      '-',
    ],
    text,
  );
  assert.equal(out.match(/DL\d+/g), ['DL3049', 'DL3026', 'DL3051']);
});

test('several files are linted in their order, under the names that were given', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('one'), 'FROM a\n');
  writeFileSync(dir.file('two'), 'FROM b:1\nUSER root\n');
  const { out } = await lint([dir.file('two'), dir.file('one')]);
  assert.equal(
    out.match(/(?<=^|\n)[^:]+:\d+/g)?.map((line) => line.slice(dir.path.length + 1)),
    ['two:2', 'two:2', 'one:1'],
  );
});

test('a page explains a rule, by code or name in any case', async () => {
  assert.match((await lint(['--explain=DL3008'])).out, /^# DL3008\n[\s\S]*## Bad/);
  assert.match((await lint(['--explain', 'stagenamecasing'])).out, /^# StageNameCasing\n/);
});

test('what can not be done says what to do', async () => {
  await using dir = await tempDir();
  const codes = [
    [['nowhere/Dockerfile'], 'ERR_DOCKERFILE_NOT_FOUND', /standard input/],
    [[dir.file('*.none')], 'ERR_DOCKERFILE_NOT_FOUND', /a folder/],
    [['--ignore=StageNameCase', '-'], 'ERR_USAGE', /StageNameCasing/],
    [['--explain=DL9999'], 'ERR_USAGE', /DL/],
    [['--require-label=a', '-'], 'ERR_USAGE', /NAME:TYPE/],
    [['--compat=dockle', '-'], 'ERR_USAGE', /hadolint/],
  ] as const;
  for (const [argv, code, hint] of codes) {
    const error = await rejection([...argv]);
    assert.is(error.code, code);
    assert.match(error.hint ?? '', hint);
  }
});

test.run();
