// Asserts on what pure functions throw: the code, what message or hint say, and the line of its place.
import * as assert from 'uvu/assert';
import { type ErrorCode, SlipwayError } from '../../src/errors.ts';

export function throws(work: () => unknown, code: ErrorCode, says: RegExp = /./): SlipwayError {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof SlipwayError))
    throw thrown ?? new Error(`expected ${code}, but nothing was thrown`);
  assert.is(thrown.code, code, thrown.message);
  assert.match(`${thrown.message}\n${thrown.hint ?? ''}`, says);
  assert.ok(thrown.hint, `no hint: ${thrown.message}`);
  return thrown;
}
