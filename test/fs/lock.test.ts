import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tryLock, withLock } from '../../src/fs/lock.ts';
import { isAlive, ownIdentity, parseIdentity } from '../../src/fs/process-identity.ts';
import { firstLine, killAtLine, nodeCommand, run, start } from '../support/child-process.ts';
import { requireFeature } from '../support/require-feature.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-lock-'));
const never = new AbortController().signal;
const inProc = ownIdentity().space !== '';

const test = suite('lock');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('the file is there while the work runs, and gone after it, also where the work fails', async () => {
  const file = join(folder, 'made/on/demand');
  assert.is(
    await withLock(file, never, async () => parseIdentity(readFileSync(file, 'utf8'))?.pid),
    process.pid,
  );
  const failed = withLock(file, never, () => Promise.reject(new Error('broken')));
  assert.is(await failed.catch((error: Error) => error.message), 'broken');
  assert.equal(readdirSync(join(folder, 'made/on')), []);
});

test('a lock that is free is had at once; those who come later wait until it is given back', async () => {
  const file = join(folder, 'at-once');
  const held = tryLock(file);
  assert.ok(held && existsSync(file));
  assert.is(tryLock(file), undefined);
  let ran = false;
  const later = withLock(file, never, async () => {
    ran = true;
    assert.is(tryLock(file), undefined);
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.not(ran);
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  await later;
  assert.not(existsSync(file));
});

test('the lock of a killed process is had at once, that of a living one is not', () => {
  if (!requireFeature('procfs', inProc)) return;
  const file = join(folder, 'dead');
  writeFileSync(file, JSON.stringify({ ...ownIdentity(), start: '1' }));
  using held = tryLock(file);
  assert.ok(held);
  const other = join(folder, 'living');
  writeFileSync(other, JSON.stringify(ownIdentity()));
  assert.is(tryLock(other), undefined);
});

test('users in one process take turns, in their order', async () => {
  const file = join(folder, 'turns');
  const order: string[] = [];
  const waits: number[] = [];
  await Promise.all(
    [1, 2, 3].map((n) =>
      withLock(
        file,
        never,
        async () => {
          order.push(`in ${n}`);
          await new Promise((resolve) => setImmediate(resolve));
          order.push(`out ${n}`);
        },
        { onWait: () => waits.push(n) },
      ),
    ),
  );
  assert.equal(order, ['in 1', 'out 1', 'in 2', 'out 2', 'in 3', 'out 3']);
  assert.equal(waits, [2, 3]);
});

test('who is aborted while waiting throws the reason, and the next ones still get their turn', async () => {
  const file = join(folder, 'aborted');
  const controller = new AbortController();
  let free!: () => void;
  const first = withLock(
    file,
    never,
    () =>
      new Promise<void>((resolve) => {
        free = resolve;
      }),
  );
  const second = withLock(file, controller.signal, async () => 'second');
  const third = withLock(file, never, async () => 'third');
  controller.abort(new Error('enough'));
  assert.is(await second.catch((error: Error) => error.message), 'enough');
  free();
  await first;
  assert.is(await third, 'third');
});

test('a lock held by another process is waited for, until aborted', async () => {
  const file = join(folder, 'held');
  const child = start(nodeCommand('store/child.ts', 'hold', file));
  const killed = new Promise((resolve) => child.once('exit', resolve));
  assert.is(await firstLine(child), 'held');
  const controller = new AbortController();
  const waiting = withLock(file, controller.signal, async () => 'mine', {
    onWait: () => controller.abort(new Error('not free')),
  });
  assert.is(await waiting.catch((error: Error) => error.message), 'not free');
  child.kill('SIGKILL');
  await killed;
});

test('the lock of a killed process is taken over', async () => {
  if (!requireFeature('/proc', inProc)) return;
  const file = join(folder, 'killed');
  await killAtLine(start(nodeCommand('store/child.ts', 'hold', file)), 1);
  assert.ok(existsSync(file));
  let waited = false;
  const result = await withLock(file, never, async () => 'mine', {
    onWait: () => {
      waited = true;
    },
  });
  assert.is(result, 'mine');
  assert.not(waited);
  assert.not(existsSync(file));
});

test('a process number that was given to another process does not keep a lock alive', async () => {
  if (!requireFeature('/proc', inProc)) return;
  const file = join(folder, 'reused');
  writeFileSync(file, JSON.stringify({ ...ownIdentity(), start: '1' }));
  assert.is(await withLock(file, never, async () => 'mine'), 'mine');
});

test('a thief killed in the act hinders nobody', async () => {
  if (!requireFeature('/proc', inProc)) return;
  const file = join(folder, 'thief');
  writeFileSync(file, JSON.stringify({ ...ownIdentity(), start: '1' }));
  writeFileSync(`${file}.steal`, '');
  utimesSync(`${file}.steal`, 1, 1);
  assert.is(await withLock(file, never, async () => 'mine'), 'mine');
  assert.not(existsSync(`${file}.steal`));
});

test('an empty lock file, whose writer died, is taken over', async () => {
  const file = join(folder, 'empty');
  writeFileSync(file, '');
  assert.is(await withLock(file, never, async () => 'mine'), 'mine');
});

test('three processes never hold a lock together, though it starts stale', async () => {
  const file = join(folder, 'count');
  const number = join(folder, 'number');
  writeFileSync(number, '0');
  writeFileSync(file, JSON.stringify({ ...ownIdentity(), start: '1' }));
  await Promise.all([1, 2, 3].map(() => run(nodeCommand('store/child.ts', 'count', file, number))));
  assert.is(readFileSync(number, 'utf8'), '75');
});

test('this process is alive; one in another boot or namespace is unknown', () => {
  if (!requireFeature('/proc', inProc)) return;
  assert.is(isAlive(ownIdentity()), true);
  assert.is(isAlive({ ...ownIdentity(), start: '1' }), false);
  assert.is(isAlive({ ...ownIdentity(), space: 'elsewhere' }), undefined);
  assert.is(parseIdentity('{"pid":-1,"start":"","space":""}'), undefined);
  assert.is(parseIdentity('{"pid":'), undefined);
});

test.run();
