import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStepFolders } from '../../src/build/step-folders.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('step-folders');

test('steps at the same time have folders of their own, and one after the other may share', async () => {
  await using outer = await tempDir();
  const folders = createStepFolders(async () => outer);
  const [one, two] = [await folders.next(), await folders.next()];
  assert.is.not(one.path, two.path);
  mkdirSync(`${one.path}/rootfs`);
  await one[Symbol.asyncDispose]();
  const three = await folders.next();
  assert.is(three.path, one.path);
  assert.equal(readdirSync(three.path), ['rootfs']);
});

test('what a step left is gone before the next one', async () => {
  await using outer = await tempDir();
  const folders = createStepFolders(async () => outer);
  const leave: ((path: string) => void)[] = [
    (path) => writeFileSync(`${path}/secret`, 'x'),
    (path) => mkdirSync(`${path}/rootfs/inside`, { recursive: true }),
    (path) => mkdirSync(`${path}/copy-0`),
  ];
  for (const left of leave) {
    const folder = await folders.next();
    left(folder.path);
    await folder[Symbol.asyncDispose]();
    assert.not.ok(existsSync(folder.path));
    const next = await folders.next();
    assert.equal(readdirSync(next.path), []);
    await next[Symbol.asyncDispose]();
  }
});

test.run();
