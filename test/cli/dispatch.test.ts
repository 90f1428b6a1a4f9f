// Words become commands, and help teaches them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { SlipwayError } from '../../src/errors.ts';
import { createTestSession } from '../support/cli-session.ts';

async function output(...argv: string[]): Promise<string> {
  const session = createTestSession();
  await dispatch(argv, session);
  assert.is(session.err.text(), '');
  return session.out.text();
}

async function failure(...argv: string[]): Promise<SlipwayError> {
  try {
    await dispatch(argv, createTestSession());
  } catch (error) {
    assert.instance(error, SlipwayError);
    return error as SlipwayError;
  }
  throw new Error('no error');
}

const test = suite('cli/dispatch');

test('help lists the commands, however it is asked for', async () => {
  const help = await output('--help');
  assert.match(help, /Usage: slipway COMMAND/);
  for (const name of ['build', 'version', 'help']) assert.match(help, new RegExp(`^  ${name} `, 'm'));
  for (const argv of [['help'], ['-h'], ['help', '--help']]) assert.is(await output(...argv), help);
});

test('help of build shows every flag, examples and exit codes, whatever else is asked', async () => {
  const help = await output('build', '--help');
  for (const flag of buildFlags) assert.match(help, `--${flag.name}`);
  assert.match(help, /Examples:\n( {2}# .*\n {2}slipway build .*\n){3}/);
  assert.match(help, 'Exit codes:');
  assert.is(await output('help', 'build'), help);
  assert.is(await output('build', '--no-such-flag', '-h'), help);
});

test('exit codes are told once, and those of flags where the flags are', async () => {
  const codes = async (name: string) => (await output(name, '--help')).split(/^Exit codes?:\n/m).slice(1);
  for (const name of ['build', 'run', 'lint', 'lsp', 'doctor', 'context', 'bench', 'layers', 'images'])
    assert.is((await codes(name)).length, 1, name);
  assert.match((await codes('build')).join(), /^ {2}124 /m);
  assert.not.match((await codes('build')).join(), /^ {2}4 /m);
  assert.match((await codes('layers')).join(), /^ {2}4 /m);
  assert.match((await codes('run')).join(), /^ {2}125 /m);
});

test("help as a flag's value, and after --, is no call for help", async () => {
  assert.is((await failure('build', '-t', '-h')).code, 'ERR_USAGE');
  assert.match((await failure('build', '--no-such-flag', '--', '--help')).message, '--no-such-flag');
});

test('an unknown or missing command is a usage error with a way on', async () => {
  const unknown = await failure('biuld', '.');
  assert.is(unknown.code, 'ERR_USAGE');
  assert.match(unknown.hint!, 'did you mean build?');
  assert.match((await failure()).hint!, 'slipway build .');
  assert.match((await failure('--root', '/x', 'build')).hint!, 'the command comes first');
  assert.match((await failure('version', '--x')).message, '--x');
});

test.run();
