import { mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkMounts, shownByTree } from '../../src/ops/check-mounts.ts';
import type { StepMount } from '../../src/seams.ts';
import { throws } from '../dockerfile/throws.ts';
import { dir, memoryTree } from '../support/memory-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('check-mounts');
const root = memoryTree({ '/etc/passwd': '', '/srv': dir(), '/file': '' });
const tmpfs = (target: string): StepMount => ({ type: 'tmpfs', target, size: undefined });
const bind = (source: string, target: string, readonly = true): StepMount => ({
  ...{ type: 'bind', source, target, readonly },
});
const refused = (mounts: StepMount[], message: RegExp, trees = new Map()) =>
  throws(() => checkMounts(root, mounts, trees), 'ERR_COPY', message);

test('a folder goes on a folder, or where nothing is; not on a file, nor below one', () => {
  checkMounts(root, [tmpfs('/srv'), tmpfs('/new/place')], new Map());
  const error = refused([tmpfs('/etc/passwd')], /^cannot mount on \/etc\/passwd: there is a file/);
  assert.match(error.hint ?? '', 'another target');
  refused([tmpfs('/file/below')], /\/file is a file/);
});

test('a file goes on a file, or where nothing is; not on a folder', async () => {
  await using host = await tempDir();
  writeFileSync(host.file('f'), '');
  mkdirSync(host.file('d'));
  checkMounts(root, [bind(host.file('f'), '/etc/passwd'), bind(host.file('f'), '/a/b')], new Map());
  refused([bind(host.file('f'), '/srv')], /\/srv: there is a folder, and a file is mounted/);
  refused([bind(host.file('d'), '/file')], /\/file: there is a file, and a folder is mounted/);
});

test('a mount within another is put into what that shows', async () => {
  await using host = await tempDir();
  mkdirSync(host.file('inner'));
  writeFileSync(host.file('plain'), '');
  const outer = bind(host.path, '/srv');
  checkMounts(root, [outer, tmpfs('/srv/inner')], new Map());
  refused([outer, tmpfs('/srv/plain')], /there is a file/);
  const error = refused([outer, tmpfs('/srv/new')], /\/srv\/new is missing in the read-only mount on \/srv/);
  assert.match(error.hint ?? '', 'rw');
  checkMounts(root, [bind(host.path, '/srv', false), tmpfs('/srv/new')], new Map());
  // An empty file system hides what the root has there.
  checkMounts(root, [tmpfs('/etc'), tmpfs('/etc/passwd')], new Map());
});

test('what is mounted of another result is looked at in its tree', () => {
  const mount: StepMount = {
    ...{ type: 'tree', path: '/x', target: '/srv', readonly: true },
    root: { type: 'directory', path: '/nowhere' },
  };
  const tree = memoryTree({ '/x/file': '', '/x/d': dir() });
  const trees = new Map([[mount, shownByTree(tree, '/x')]]);
  checkMounts(root, [mount, tmpfs('/srv/d')], trees);
  refused([mount, tmpfs('/srv/file')], /there is a file/, trees);
  refused([mount], /there is a folder/, new Map([[mount, shownByTree(tree, '/x/file')]]));
});

test('what is below /dev, /proc and /sys is left to the runtime', () => {
  checkMounts(memoryTree({ '/dev': '' }), [tmpfs('/dev/shm'), tmpfs('/proc/x')], new Map());
});

test.run();
