import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemCode } from '../../src/errors.ts';
import { writeFileAtomic } from '../../src/fs/atomic-write.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-atomic-'));
const test = suite('atomic write');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a file is made, with its folders, and replaced', async () => {
  const path = join(folder, 'a/b/file');
  await writeFileAtomic(path, 'one');
  assert.is(readFileSync(path, 'utf8'), 'one');
  await writeFileAtomic(path, Buffer.from('two'), { fsync: false });
  assert.is(readFileSync(path, 'utf8'), 'two');
  assert.equal(readdirSync(join(folder, 'a/b')), ['file']);
});

test('the temporary file is made in the folder that is named, and gone after', async () => {
  const tmp = join(folder, 'tmp');
  await writeFileAtomic(join(folder, 'c/file'), 'x', { tmp });
  assert.is(readFileSync(join(folder, 'c/file'), 'utf8'), 'x');
  assert.equal(readdirSync(tmp), []);
});

test('a write that fails leaves the old content and no temporary file', async () => {
  const tmp = join(folder, 'tmp2');
  const target = join(folder, 'busy');
  await writeFileAtomic(join(target, 'inside'), 'x');
  let code: string | undefined;
  await writeFileAtomic(target, 'y', { tmp }).catch((error) => {
    code = systemCode(error);
  });
  assert.is(code, 'EISDIR');
  assert.equal(readdirSync(tmp), []);
  assert.is(readFileSync(join(target, 'inside'), 'utf8'), 'x');
});

test('readers see one of the contents whole, whatever is written meanwhile', async () => {
  const path = join(folder, 'raced');
  const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(50_000));
  writeFileSync(path, contents[0]!);
  let writing = true;
  const writers = Promise.all(
    contents.map(async (content) => {
      for (let i = 0; i < 10; i++) await writeFileAtomic(path, content, { fsync: false });
    }),
  ).finally(() => {
    writing = false;
  });
  while (writing) {
    assert.ok(contents.includes(readFileSync(path, 'utf8')));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writers;
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith('raced')),
    ['raced'],
  );
});

test.run();
