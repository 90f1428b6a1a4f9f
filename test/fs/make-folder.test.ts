import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemCode } from '../../src/errors.ts';
import { makeFolder } from '../../src/fs/make-folder.ts';
import { requireFeature } from '../support/require-feature.ts';
import { mustRun } from '../support/run-command.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('make folder');

function codeOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return systemCode(error);
  }
}

test('a folder is made with those above it, and may be there', async () => {
  await using dir = await tempDir();
  for (let times = 0; times < 2; times++) makeFolder(dir.file('a', 'b', 'c'));
  assert.ok(existsSync(dir.file('a', 'b', 'c')));
  writeFileSync(dir.file('file'), '');
  assert.is(
    codeOf(() => makeFolder(dir.file('file', 'below'))),
    'ENOTDIR',
  );
});

test('a file system that can only be read is told as that', async () => {
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  await using dir = await tempDir();
  mkdirSync(dir.file('disk'));
  await mustRun(['mount', '-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs', dir.file('disk')]);
  try {
    assert.is(
      codeOf(() => makeFolder(dir.file('disk', 'a', 'b'))),
      'EROFS',
    );
  } finally {
    await mustRun(['umount', dir.file('disk')]);
  }
});

test.run();
