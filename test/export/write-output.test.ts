import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeOutput } from '../../src/export/write-output.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('write-output');
const { signal } = new AbortController();

async function* chunks(...texts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

function collector(): { stream: Writable; text(): string } {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(parts).toString() };
}

test('a file is written whole, folders above it are made, an older one is replaced', async () => {
  await using folder = await tempDir();
  const dest = folder.file('new/out.tar');
  await writeOutput(chunks('old content'), { dest, stdout: undefined, signal });
  await writeOutput(chunks('one ', 'two'), { dest, stdout: undefined, signal });
  assert.is(readFileSync(dest, 'utf8'), 'one two');
  assert.equal(readdirSync(folder.file('new')), ['out.tar']);
});

test('a source that fails leaves what was there, and nothing half-written', async () => {
  await using folder = await tempDir();
  const dest = folder.file('out.tar');
  writeFileSync(dest, 'before');
  const boom = new Error('boom');
  const error = await writeOutput(chunks('half', boom), { dest, stdout: undefined, signal }).catch(
    (reason: unknown) => reason,
  );
  assert.is(error, boom);
  assert.equal(readdirSync(folder.path), ['out.tar']);
  assert.is(readFileSync(dest, 'utf8'), 'before');
});

test('an abort leaves nothing, and its reason is what is thrown', async () => {
  await using folder = await tempDir();
  const aborter = new AbortController();
  const reason = new Error('interrupted');
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    aborter.abort(reason);
    yield Buffer.from('more');
    await new Promise(() => {});
  }
  const error = await writeOutput(endless(), {
    dest: folder.file('out.tar'),
    stdout: undefined,
    signal: aborter.signal,
  }).catch((thrown: unknown) => thrown);
  assert.equal(readdirSync(folder.path), []);
  assert.is(error, reason);
});

test('an abort leaves a source that hangs', async () => {
  await using folder = await tempDir();
  const aborter = new AbortController();
  const reason = new Error('interrupted');
  async function* hanging(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    setImmediate(() => aborter.abort(reason));
    await new Promise(() => {});
  }
  const target = { dest: folder.file('out.tar'), stdout: undefined, signal: aborter.signal };
  const error = await writeOutput(hanging(), target).catch((thrown: unknown) => thrown);
  assert.is(error, reason);
  assert.equal(readdirSync(folder.path), []);
});

test('chunks need hold only until the next is asked for, wherever they go', async () => {
  await using folder = await tempDir();
  async function* reused(): AsyncGenerator<Uint8Array> {
    const memory = Buffer.alloc(300_000);
    for (const letter of 'abcdef') yield memory.fill(letter);
    memory.fill('!');
  }
  const wanted = [...'abcdef'].map((letter) => letter.repeat(300_000)).join('');
  const dest = folder.file('out');
  await writeOutput(reused(), { dest, stdout: undefined, signal });
  assert.ok(readFileSync(dest, 'utf8') === wanted);
  const parts: Buffer[] = [];
  const slow = new Writable({
    highWaterMark: 1 << 20,
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk);
      setImmediate(done);
    },
  });
  await writeOutput(reused(), { dest: '-', stdout: slow, signal });
  await new Promise<void>((resolve) => slow.end(resolve));
  assert.ok(Buffer.concat(parts).toString() === wanted);
});

test('a folder in the way is an error that names it, and leaves nothing', async () => {
  await using folder = await tempDir();
  mkdirSync(folder.file('out'));
  await rejects(
    writeOutput(chunks('x'), { dest: folder.file('out'), stdout: undefined, signal }),
    'ERR_EXPORT',
    /out/,
  );
  assert.equal(readdirSync(folder.path), ['out']);
});

test('a pipe is written to and stays one', async () => {
  await using folder = await tempDir();
  const dest = folder.file('pipe');
  execFileSync('mkfifo', [dest]);
  const reader = readFile(dest, 'utf8');
  await writeOutput(chunks('through'), { dest, stdout: undefined, signal });
  assert.is(await reader, 'through');
  assert.ok(lstatSync(dest).isFIFO());
});

test('what a link points at is replaced, not the link', async () => {
  await using folder = await tempDir();
  writeFileSync(folder.file('real'), 'old');
  symlinkSync('real', folder.file('link'));
  await writeOutput(chunks('new'), { dest: folder.file('link'), stdout: undefined, signal });
  assert.is(readFileSync(folder.file('real'), 'utf8'), 'new');
  assert.ok(lstatSync(folder.file('link')).isSymbolicLink());
});

test('a dash is the stream, which stays open', async () => {
  const { stream, text } = collector();
  await writeOutput(chunks('a', 'b'), { dest: '-', stdout: stream, signal });
  await writeOutput(chunks('c'), { dest: '-', stdout: stream, signal });
  assert.is(text(), 'abc');
  assert.not(stream.writableEnded);
});

test('a dash without a stream is an error', async () => {
  await rejects(writeOutput(chunks('a'), { dest: '-', stdout: undefined, signal }), 'ERR_EXPORT', /dest=/);
});

test.run();
