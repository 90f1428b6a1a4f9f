import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lendFolder, lendLock, reclaimAbandoned, reclaimFolder } from '../../src/fs/lent-folder.ts';
import { tryLock } from '../../src/fs/lock.ts';

const test = suite('lent folders');
const never = new AbortController().signal;
let top = '';
let folder = '';
let place = '';

test.before.each(() => {
  top = mkdtempSync(join(tmpdir(), 'lent-'));
  folder = join(top, 'cache');
  place = join(top, 'root/there');
  mkdirSync(folder);
  mkdirSync(join(top, 'root'));
  writeFileSync(join(folder, 'file'), 'text');
});
test.after.each(() => rmSync(top, { recursive: true }));

const lend = () => lendFolder(folder, { at: place, path: place }, never);

test('a folder is at its place alone, and comes back with what was made of it', async () => {
  const loan = await lend();
  assert.is(existsSync(folder), false);
  writeFileSync(join(place, 'new'), '');
  await loan.giveBack(place);
  assert.equal(readdirSync(folder).sort(), ['file', 'new']);
  assert.equal(readdirSync(top).sort(), ['cache', 'root']);
});

test('a folder that is no more comes back empty', async () => {
  const loan = await lend();
  rmSync(place, { recursive: true });
  await loan.giveBack(undefined);
  assert.equal(readdirSync(folder), []);
});

test('after a kill the next one finds it where it is', async () => {
  await lend();
  await reclaimFolder(folder, never);
  assert.equal(readdirSync(folder), ['file']);
  await lend();
  reclaimAbandoned(folder);
  assert.equal(readdirSync(folder), ['file']);
  assert.equal(readdirSync(top).sort(), ['cache', 'root']);
});

test('what somebody alive has is not taken, and is waited for', async () => {
  const held = tryLock(lendLock(folder))!;
  const loan = await lend();
  reclaimAbandoned(folder);
  assert.is(existsSync(folder), false);
  const waiting = reclaimFolder(folder, never);
  await loan.giveBack(place);
  held[Symbol.dispose]();
  await waiting;
  assert.equal(readdirSync(folder), ['file']);
});

test('another folder at that place is not taken for it', async () => {
  await lend();
  renameSync(place, join(top, 'root/moved'));
  mkdirSync(place);
  writeFileSync(join(place, 'of the machine'), '');
  await reclaimFolder(folder, never);
  assert.is(existsSync(folder), false);
  assert.equal(readdirSync(place), ['of the machine']);
});

test('a kill before it went leaves it where it was', async () => {
  writeFileSync(`${folder}.lent`, '{"place":');
  await reclaimFolder(folder, never);
  assert.equal(readdirSync(top).sort(), ['cache', 'root']);
});

test.run();
