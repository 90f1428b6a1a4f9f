// What is there, what is not, and what can't be told.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { isDirectoryMode, isFileMode, readState } from '../../src/fs/file-state.ts';

const test = suite('file state');
const folder = mkdtempSync(join(tmpdir(), 'slipway-state-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a file and a folder have a state, what is not there has none', () => {
  writeFileSync(join(folder, 'file'), 'x');
  mkdirSync(join(folder, 'folder'));
  assert.ok(isFileMode(readState(join(folder, 'file'))![0]!));
  assert.ok(isDirectoryMode(readState(join(folder, 'folder'))![0]!));
  for (const name of ['none', 'file/below', 'n'.repeat(300)]) {
    assert.is(readState(join(folder, name)), undefined);
  }
});

test('a path that is longer than Linux takes is an error, since something may be there', () => {
  for (const length of [4096, 9000]) {
    const path = `${folder}${'/d'.repeat(length)}`.slice(0, length);
    for (const each of [path, Buffer.from(path)]) {
      try {
        readState(each);
        assert.unreachable();
      } catch (error) {
        assert.ok(isSlipwayError(error));
        assert.is(error.code, 'ERR_UNSUPPORTED');
        assert.match(error.message, `${length} bytes`);
        assert.ok(error.message.length < 300);
      }
    }
  }
  assert.is(readState(`${folder}${'/d'.repeat(4096)}`.slice(0, 4095)), undefined);
});

test.run();
