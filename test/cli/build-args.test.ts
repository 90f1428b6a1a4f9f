// Where the values of ARGs come from: files of them, and flags.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readBuildArgs } from '../../src/cli/commands/build-args.ts';
import { SlipwayError } from '../../src/errors.ts';

const test = suite('cli/build-args');
const folder = mkdtempSync(join(tmpdir(), 'slipway-args-'));
test.after(() => rmSync(folder, { recursive: true }));

function read(files: Record<string, string | Uint8Array>, flags: string[] = []) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return readBuildArgs({ files: Object.keys(files), flags, cwd: folder });
}

function failure(files: Record<string, string | Uint8Array>, names = Object.keys(files)): SlipwayError {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  try {
    readBuildArgs({ files: names, flags: [], cwd: folder });
  } catch (error) {
    assert.instance(error, SlipwayError);
    return error as SlipwayError;
  }
  throw new Error('no error');
}

test('a line is a name and its value, all of it', () => {
  assert.equal(read({ a: 'A=1\nB=x = "y" # no comment\nC=\nD= spaces kept  \r\nE=2' }), {
    A: '1',
    B: 'x = "y" # no comment',
    C: '',
    D: ' spaces kept  ',
    E: '2',
  });
});

test('comments and empty lines say nothing', () => {
  assert.equal(read({ a: '\ufeff# first\n\n  \t\n  # indented\n#A=1\nB=2\n' }), { B: '2' });
});

test('a name alone is left to the environment, also where a value came before', () => {
  assert.equal(read({ a: 'A=1\nA\nB' }, ['B=2', 'C']), { A: undefined, B: '2', C: undefined });
});

test('later lines, later files and flags win', () => {
  assert.equal(read({ a: 'A=1\nA=2\nB=1\nC=1', b: 'B=2\nC=2' }, ['C=3', 'C=4']), { A: '2', B: '2', C: '4' });
});

test('__proto__ is a name like any other', () => {
  const values = read({ a: '__proto__=1' });
  assert.equal(Object.keys(values), ['__proto__']);
});

test('an error says file and line', () => {
  const noName = failure({ 'x.env': '# args\nA=1\n=2\n' });
  assert.match(noName.message, 'has no name');
  assert.equal(noName.place, {
    file: 'x.env',
    range: { start: { line: 3, column: 1 }, end: { line: 3, column: 3 } },
  });
  const blank = failure({ 'x.env': 'export A=1' });
  assert.match(blank.message, 'has a blank in its name');
  assert.is(blank.place?.range.start.line, 1);
});

test('what can not be read is named', () => {
  assert.match(failure({}, ['missing.env']).message, "can't read missing.env: there is no such file");
  assert.match(failure({}, ['.']).message, 'it is a folder');
  assert.match(failure({ bin: Uint8Array.of(65, 61, 255) }).message, 'bin is no UTF-8 text');
});

test.run();
