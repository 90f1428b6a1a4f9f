import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missingMountPoints, removeMountPoints } from '../../src/ops/mount-points.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('mount-points');

test('what a root lacks of the targets is listed, deepest first, each once', () => {
  const tree = memoryTree({ '/etc/hosts': '', '/run': '' });
  const targets = ['/etc/hosts', '/etc/resolv.conf', '/var/cache/apt', '/var/cache/x'];
  assert.equal(missingMountPoints(tree, targets), [
    '/etc/resolv.conf',
    '/var/cache/apt',
    '/var/cache/x',
    '/var/cache',
    '/var',
  ]);
});

test('what lies below /dev, /proc and /sys is none of ours, but what only begins so is', () => {
  const targets = ['/dev/pipes', '/proc', '/sys/fs/x', '/device'];
  assert.equal(missingMountPoints(memoryTree({}), targets), ['/device']);
});

test('empty files and folders that were made are removed, with the folders above them', async () => {
  await using root = await tempDir();
  mkdirSync(root.file('var/cache'), { recursive: true });
  writeFileSync(root.file('var/cache/file'), '');
  removeMountPoints(root.path, ['/var/cache/file', '/var/cache', '/var']);
  assert.equal(readdirSync(root.path), []);
});

test('what the step put there stays, with the folders above it', async () => {
  await using root = await tempDir();
  mkdirSync(root.file('a/b'), { recursive: true });
  writeFileSync(root.file('a/b/kept'), '');
  writeFileSync(root.file('full'), 'content');
  removeMountPoints(root.path, ['/a/b/gone', '/a/b', '/full', '/a']);
  assert.ok(existsSync(root.file('a/b/kept')));
  assert.ok(existsSync(root.file('full')));
});

test('a link that the step put on the way is not followed, nor removed', async () => {
  await using root = await tempDir();
  await using outside = await tempDir();
  mkdirSync(outside.file('x'));
  symlinkSync(outside.path, root.file('a'));
  removeMountPoints(root.path, ['/a/x', '/a']);
  assert.ok(existsSync(outside.file('x')));
  assert.ok(existsSync(root.file('a')));
});

test.run();
