// Who may look into a state folder.
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLease } from '../../src/fs/lease.ts';
import { makeTempDir } from '../../src/fs/temp-dir.ts';
import { createStoreRoot } from '../../src/store/store-root.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('store root');

const modeOf = (path: string): number => statSync(path).mode & 0o777;

const makers: [string, (root: string) => unknown][] = [
  ['the store', (root) => createStoreRoot(root).prepare()],
  ['a lease', (root) => createLease(root, 0o700).hold()],
  ['a temporary folder', (root) => makeTempDir(join(root, 'tmp'), 'x')],
];
for (const [who, make] of makers) {
  test(`a state folder that ${who} makes is its owner's alone`, async () => {
    await using dir = await tempDir();
    const root = join(dir.path, 'above', 'root');
    await make(root);
    assert.is(modeOf(root), 0o700);
  });

  test(`${who} leaves the mode of a folder that is there`, async () => {
    await using dir = await tempDir();
    const root = join(dir.path, 'root');
    mkdirSync(root);
    chmodSync(root, 0o755);
    await make(root);
    assert.is(modeOf(root), 0o755);
  });
}

test.run();
