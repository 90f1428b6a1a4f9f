import { existsSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyEdits, copyContext } from '../../../src/build/replay/edit-context.ts';
import { parseEdits } from '../../../src/replay/edit-list.ts';
import { rejects } from '../../support/rejects.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

const test = suite('edit-context');

async function copied(): Promise<TempDir & { copy: string }> {
  const dir = await tempDir();
  await mkdir(dir.file('context/src'), { recursive: true });
  await mkdir(dir.file('outside'));
  await writeFile(dir.file('outside/x'), 'outside\n');
  await writeFile(dir.file('context/src/a.js'), 'abc\n');
  await writeFile(dir.file('context/empty'), '');
  symlinkSync(dir.file('outside'), dir.file('context/out'));
  symlinkSync(dir.file('outside/x'), dir.file('context/link'));
  const copy = dir.file('copy');
  await copyContext(dir.file('context'), copy);
  return { ...dir, copy };
}

const apply = async (copy: string, text: string): Promise<void> => {
  for (const line of parseEdits(text, 'edits.txt')) await applyEdits(copy, line, 'edits.txt');
};

test('edits change the copy as they say, and the original not at all', async () => {
  await using dir = await copied();
  const read = (path: string): string => readFileSync(`${dir.copy}/${path}`, 'utf8');
  const before = statSync(`${dir.copy}/src/a.js`).mtimeMs;
  await apply(dir.copy, 'touch src/a.js');
  assert.ok(statSync(`${dir.copy}/src/a.js`).mtimeMs >= before);
  await apply(dir.copy, 'modify src/a.js && modify empty');
  assert.is(read('src/a.js'), 'abx\n');
  assert.is(read('empty'), 'x');
  await apply(dir.copy, 'modify src/a.js && append src/a.js d');
  assert.is(read('src/a.js'), 'aby\nd');
  await apply(dir.copy, 'add new/deep.txt "two words" && rename src/a.js lib/b.js && chmod 0600 lib/b.js');
  assert.is(read('new/deep.txt'), 'two words');
  assert.is(statSync(`${dir.copy}/lib/b.js`).mode & 0o777, 0o600);
  await apply(dir.copy, 'delete src && delete link');
  assert.not.ok(existsSync(`${dir.copy}/src`));
  assert.is(readFileSync(dir.file('context/src/a.js'), 'utf8'), 'abc\n');
  assert.ok(lstatSync(dir.file('context/link')).isSymbolicLink());
});

for (const text of [
  ...['append missing x', 'touch missing', 'delete missing', 'chmod 0644 missing', 'rename missing a'],
  ...[
    'modify link',
    'add link x',
    'append out/x more',
    'add out/new x',
    'delete out/x',
    'rename src/a.js out/a.js',
  ],
  ...['modify src', 'chmod 0600 link'],
]) {
  test(`refuses what is not there or lies outside: ${text}`, async () => {
    await using dir = await copied();
    const error = await rejects(apply(dir.copy, text), 'ERR_USAGE');
    assert.match(error.message, 'edits.txt, line 1');
    assert.is(readFileSync(dir.file('outside/x'), 'utf8'), 'outside\n');
    assert.not.ok(existsSync(dir.file('outside/new')));
    assert.not.ok(existsSync(dir.file('outside/a.js')));
  });
}

test.run();
