import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError, SlipwayError } from '../../src/errors.ts';
import { diskError } from '../../src/fs/disk-error.ts';

const test = suite('disk error');
const system = (code: string) => Object.assign(new Error(code), { code, path: '/some/file' });

test('what a user can mend gets a code, a hint and its cause', () => {
  const codes = { ENOSPC: 'ERR_DISK_FULL', EDQUOT: 'ERR_DISK_FULL', EROFS: 'ERR_STORE', EACCES: 'ERR_STORE' };
  for (const [code, expected] of Object.entries(codes)) {
    const cause = system(code);
    const error = diskError(cause, 'storing a blob');
    assert.ok(isSlipwayError(error));
    assert.is(error.code, expected);
    assert.match(error.message, 'storing a blob (/some/file)');
    assert.ok(error.hint);
    assert.is(error.cause, cause);
  }
});

test('all else is passed on as it is', () => {
  const mapped = new SlipwayError('ERR_DIGEST_MISMATCH', 'x');
  for (const error of [system('ENOENT'), new Error('x'), mapped, 'text', null, undefined]) {
    assert.is(diskError(error, 'reading'), error);
  }
});

test.run();
