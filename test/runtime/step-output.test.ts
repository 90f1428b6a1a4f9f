import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passOutput } from '../../src/runtime/step-output.ts';

const test = suite('step output');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the next chunk comes when the last is taken, though Node lets the stream flow; hurried, all come', async () => {
  const stream = new PassThrough();
  const ended = once(stream, 'end');
  const taken: string[] = [];
  let free: () => void = () => {};
  const hurry = passOutput(stream, (chunk) => {
    taken.push(chunk.toString());
    return new Promise<void>((resolve) => {
      free = resolve;
    });
  });
  stream.write('one');
  await turn();
  stream.write('two');
  stream.resume();
  await turn();
  assert.equal(taken, ['one']);
  free();
  await turn();
  assert.equal(taken, ['one', 'two']);
  stream.write('three');
  await turn();
  hurry();
  assert.equal(taken, ['one', 'two', 'three']);
  stream.end('four');
  await ended;
  assert.equal(taken, ['one', 'two', 'three', 'four']);
});

test.run();
