import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStderrGate } from '../../src/runtime/stderr-gate.ts';

const test = suite('stderr-gate');

function feed(chunks: string[]): { passed: string; held: string } {
  let passed = '';
  const gate = createStderrGate(['runc: ', 'time="'], (chunk) => {
    passed += chunk;
  });
  for (const chunk of chunks) gate.push(Buffer.from(chunk));
  return { passed, held: gate.take() };
}

test('text of the step passes at once', () => {
  assert.equal(feed(['x', 'runc: y']), { passed: 'xrunc: y', held: '' });
});

test('a message at the very start is held, in however many pieces', () => {
  assert.equal(feed(['ru', 'nc: failed', '\n']), { passed: '', held: 'runc: failed\n' });
});

test('a start that turns out to be something else passes whole', () => {
  assert.equal(feed(['ru', 'n away', '!']), { passed: 'run away!', held: '' });
});

test('no more is held than a message can be long', () => {
  const long = `runc: ${'x'.repeat(9000)}`;
  assert.equal(feed([long, 'more']), { passed: `${long}more`, held: '' });
});

test.run();
