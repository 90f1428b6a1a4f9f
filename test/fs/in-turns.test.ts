import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTurns, runInTurns } from '../../src/fs/in-turns.ts';

const test = suite('fs/in-turns');

test('steps give what they come to', async () => {
  const steps = (function* () {
    let sum = 0;
    for (let number = 0; number < 1000; number++) {
      sum += number;
      yield;
    }
    return sum;
  })();
  assert.is(await runInTurns(steps, new AbortController().signal), 499_500);
});

test('steps without end stop when the signal says so, and give back what they hold', async () => {
  const controller = new AbortController();
  let isHeld = false;
  const steps = (function* () {
    isHeld = true;
    try {
      for (;;) yield;
    } finally {
      isHeld = false;
    }
  })();
  const reason = new Error('enough');
  setImmediate(() => controller.abort(reason));
  assert.is(await runInTurns(steps, controller.signal).catch((error: unknown) => error), reason);
  assert.is(isHeld, false);
});

test('what steps throw is thrown', async () => {
  const steps = (function* () {
    yield;
    throw new Error('broken');
  })();
  const error = await runInTurns(steps, new AbortController().signal).catch((one: Error) => one.message);
  assert.is(error, 'broken');
});

test('a loop without end that takes its turns stops when the signal says so', async () => {
  const controller = new AbortController();
  const turns = createTurns(controller.signal);
  setImmediate(() => controller.abort());
  const loop = async (): Promise<void> => {
    for (;;) if (turns.isDue()) await turns.take();
  };
  assert.is(await loop().catch((error: Error) => error.name), 'AbortError');
});

test.run();
