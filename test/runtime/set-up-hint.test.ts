// What helps where a step can't be set up.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setUpHint } from '../../src/runtime/set-up-hint.ts';

const test = suite('set-up hint');
const at = { needs: 'It needs root.', isWithin: false };

test('what the image is at fault for is not blamed on the machine', () => {
  for (const problem of ['/dev: it leads over a symbolic link', 'entering /work: not a directory']) {
    assert.match(setUpHint(problem, at), /the base image or a step before/);
    assert.match(setUpHint(problem, { ...at, isWithin: true }), /the base image or a step before/);
  }
});

test('a mount below /proc or /sys, where nothing can be made, is told to go elsewhere', () => {
  assert.match(setUpHint('/proc/x: no such file or directory', at), /another target/);
  assert.is(setUpHint('/process: no such file or directory', at), at.needs);
});

test('what else fails names what the runtime needs', () => {
  assert.is(setUpHint('/proc: operation not permitted', at), at.needs);
  assert.is(setUpHint(undefined, at), at.needs);
  assert.match(setUpHint('/proc: operation not permitted', { ...at, isWithin: true }), /slipway doctor/);
});

test.run();
