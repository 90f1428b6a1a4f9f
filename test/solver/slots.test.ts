import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSlots } from '../../src/solver/slots.ts';

const test = suite('slots');
const { signal } = new AbortController();

test('slots are handed out in the order in which they were asked for', async () => {
  const slots = createSlots(1);
  const order: string[] = [];
  const first = await slots.take(signal);
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    using _slot = await slots.take(signal);
    order.push(name);
  });
  assert.equal(order, []);
  first[Symbol.dispose]();
  await Promise.all(waiting);
  assert.equal(order, ['a', 'b', 'c']);
});

test('a slot that is given back twice is one slot', async () => {
  const slots = createSlots(1);
  const first = await slots.take(signal);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await slots.take(signal);
  let third = false;
  slots.take(signal).then(() => {
    third = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.not(third);
});

test('who is aborted while it waits takes none, and the slot goes to the next', async () => {
  const slots = createSlots(1);
  const first = await slots.take(signal);
  const aborter = new AbortController();
  const reason = new Error('enough');
  const second = slots.take(aborter.signal).catch((error: unknown) => error);
  const third = slots.take(signal);
  aborter.abort(reason);
  assert.is(await second, reason);
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  (await slots.take(signal))[Symbol.dispose]();
});

test('an abort after the slot was given changes nothing', async () => {
  const slots = createSlots(1);
  const first = await slots.take(signal);
  const aborter = new AbortController();
  const second = slots.take(aborter.signal);
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  aborter.abort();
  (await slots.take(signal))[Symbol.dispose]();
});

test('with an aborted signal none is taken', async () => {
  const slots = createSlots(1);
  const reason = new Error('before');
  assert.is(await slots.take(AbortSignal.abort(reason)).catch((error: unknown) => error), reason);
  (await slots.take(signal))[Symbol.dispose]();
});

test.run();
