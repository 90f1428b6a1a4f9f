// Asserts on rejections: the code, and where given what message or hint say.
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';

export async function rejects(work: Promise<unknown>, code: string, says?: RegExp): Promise<SlipwayError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SlipwayError)) throw error ?? new Error(`expected ${code}, but nothing was thrown`);
  assert.is(error.code, code, error.message);
  if (says) assert.match(`${error.message}\n${error.hint ?? ''}`, says);
  return error;
}
