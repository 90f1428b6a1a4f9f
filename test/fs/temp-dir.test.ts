import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeTempDir, removeTree } from '../../src/fs/temp-dir.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-tempdir-'));
const test = suite('temp dir');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a private folder is made, with its parents, and removed with all it holds', async () => {
  let path = '';
  {
    await using made = await makeTempDir(join(folder, 'x/y'), 'step');
    path = made.path;
    assert.match(basename(path), /^step\./);
    assert.is(statSync(path).mode & 0o777, 0o700);
    mkdirSync(join(path, 'a/b'), { recursive: true });
    writeFileSync(join(path, 'a/b/file'), '');
    chmodSync(join(path, 'a/b'), 0);
    chmodSync(join(path, 'a'), 0);
  }
  assert.not(existsSync(path));
});

test('a folder that is gone already is no error', async () => {
  const made = await makeTempDir(folder, 'gone');
  rmSync(made.path, { recursive: true });
  await made[Symbol.asyncDispose]();
});

test('what lies deeper than a path can say is removed, too', async () => {
  const path = join(folder, 'deep');
  mkdirSync(join(path, 'beside/it'), { recursive: true });
  // 9000 bytes of path, and at each end a file.
  const make = `const fs = require('node:fs');
    for (const name of ['a', 'b\\n']) {
      process.chdir(process.argv[1]);
      for (let depth = 0; depth < 90; depth++) { fs.mkdirSync(name.padEnd(100, 'x')); process.chdir(name.padEnd(100, 'x')); }
      fs.writeFileSync('end', '');
      fs.chmodSync('.', 0);
    }`;
  execFileSync(process.execPath, ['-e', make, path]);
  await removeTree(path);
  assert.not(existsSync(path));
});

test('two folders of one name differ', async () => {
  await using one = await makeTempDir(folder, 'same');
  await using two = await makeTempDir(folder, 'same');
  assert.is.not(one.path, two.path);
});

test.run();
