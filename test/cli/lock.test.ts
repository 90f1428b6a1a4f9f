import { mkdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runLock } from '../../src/cli/commands/lock.ts';
import { defaultLockFile, readLockUse } from '../../src/cli/commands/lock-flags.ts';
import type { SlipwayError } from '../../src/errors.ts';
import type { BuildRequest, LockChange } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('slipway lock');
const moved: LockChange = {
  ...{ kind: 'git', name: 'https://example.com/r.git#main', before: 'a'.repeat(40), after: 'b'.repeat(40) },
  platforms: { added: [], removed: [] },
};

async function run(argv: string[], changes: LockChange[] = [moved]) {
  const session = createTestSession();
  let asked: BuildRequest | undefined;
  await runLock(argv, session, () => ({
    async lock(request) {
      asked = request;
      return changes;
    },
  }));
  return { asked: asked!, out: session.out.text() };
}

test('changes are lines on standard output, or JSON', async () => {
  assert.is((await run(['.'])).out, '~ https://example.com/r.git#main  aaaaaaaaaaaa -> bbbbbbbbbbbb\n');
  assert.equal(JSON.parse((await run(['--format=json', '.'])).out), [moved]);
  assert.is((await run(['.'], [])).out, '');
});

test('one context is taken, and an error names this command', async () => {
  const error = await rejects(run(['a', 'b']), 'ERR_USAGE', /^slipway lock takes exactly one argument/);
  assert.match(error.hint!, 'slipway lock .');
});

test('--update asks for all anew, and the file can be named', async () => {
  assert.is((await run(['.'])).asked.lock!.mode, 'add');
  const { lock } = (await run(['--update', '--lock-file=other.lock', '.'])).asked;
  assert.equal(lock, { file: 'other.lock', mode: 'update' });
});

test('the file lies in the context where that is a folder', async () => {
  await using dir = await tempDir();
  mkdirSync(dir.file('app'));
  assert.is(defaultLockFile('app', dir.path), 'app/slipway.lock');
  assert.is(defaultLockFile('-', dir.path), 'slipway.lock');
  assert.is(defaultLockFile('https://example.com/r.git', dir.path), 'slipway.lock');
  assert.is(defaultLockFile(undefined, dir.path), 'slipway.lock');
});

test('flags that say nothing together are refused', () => {
  const read = (booleans: object, texts: object = {}) => readLockUse({ booleans, texts }, '.', '/');
  assert.equal(read({}), {});
  assert.equal(read({ frozen: true, offline: true }, { 'lock-file': 'f' }), {
    offline: true,
    lock: { file: 'f', mode: 'frozen' },
  });
  for (const [booleans, texts] of [
    [{ lock: true, frozen: true }, {}],
    [{}, { 'lock-file': 'f' }],
    [{ lock: true }, { 'lock-file': '' }],
  ] as const) {
    assert.throws(
      () => read(booleans, texts),
      (error: SlipwayError) => error.code === 'ERR_USAGE' && error.hint !== undefined,
    );
  }
});

test.run();
