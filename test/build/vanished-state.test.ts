import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { vanishedState } from '../../src/build/vanished-state.ts';
import { SlipwayError } from '../../src/errors.ts';

const test = suite('build/vanished-state');
const missing = (path: string): Error =>
  Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT', path });

test('what is missing below the state folder was deleted by somebody', () => {
  const error = vanishedState(missing('/nowhere/state/tmp/x'), '/nowhere/state') as SlipwayError;
  assert.is(error.code, 'ERR_STORE');
  assert.is(error.message, 'the state folder /nowhere/state is gone: it was deleted while it was in use');
});

test('what is missing elsewhere is told as it is, as is what is no matter of files', () => {
  for (const error of [missing('/nowhere/stateless/x'), missing('/etc/x'), new TypeError('x'), undefined])
    assert.is(vanishedState(error, '/nowhere/state'), error);
});

test('of what failed first and on the way out the first is told', () => {
  const first = new SlipwayError('ERR_ABORTED', 'stop');
  const both = Object.assign(new Error(''), { error: missing('/nowhere/state/tmp/x'), suppressed: first });
  assert.is(vanishedState(both, '/nowhere/state'), first);
  const other = Object.assign(new Error(''), { error: first, suppressed: missing('/nowhere/state/tmp/x') });
  assert.is((vanishedState(other, '/nowhere/state') as SlipwayError).code, 'ERR_STORE');
});

test.run();
