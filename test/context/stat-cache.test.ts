import {
  type BigIntStats,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStatCache, type StatCache } from '../../src/context/stat-cache.ts';
import { counts, decodeStatFile, encodeStatFile, type Section } from '../../src/context/stat-file.ts';
import { stateOf } from '../../src/fs/file-state.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { KeyTree } from '../../src/seams.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { keyDigest, treeKey } from '../../src/tree/key-tree.ts';
import { runThrough } from '../../src/tree/steps.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('stat-cache');

/** A cache as a build opens it, some minutes after the files were written where no time is given. */
function open(
  dir: TempDir,
  now = Date.now() + 600_000,
): StatCache & { reads: string[]; of(name: string): Digest } {
  const cache = createStatCache({
    file: dir.file('cache'),
    directory: dir.path,
    tmp: dir.path,
    read: (path) => digestOf(readFileSync(path)),
    now: () => now,
  });
  const reads: string[] = [];
  return {
    ...cache,
    reads,
    of(name) {
      const path = dir.file(name);
      return cache.digest(path, stateOf(lstatSync(path, { bigint: true })), () => {
        reads.push(name);
        return digestOf(readFileSync(path));
      });
    },
  };
}

test('an unchanged file is read once, also by a later build', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  const first = open(dir);
  assert.is(first.of('a'), digestOf('a'));
  assert.is(first.of('a'), digestOf('a'));
  assert.equal(first.reads, ['a']);
  await first.save();
  const second = open(dir);
  assert.is(second.of('a'), digestOf('a'));
  assert.equal(second.reads, []);
});

test('a change that keeps size and mtime is seen', async () => {
  await using dir = await tempDir();
  const write = (text: string): bigint => {
    writeFileSync(dir.file('a'), text);
    utimesSync(dir.file('a'), 1000, 1000);
    return lstatSync(dir.file('a'), { bigint: true }).ctimeNs;
  };
  const before = write('one');
  const first = open(dir);
  first.of('a');
  await first.save();
  // A kernel's clock of files may stand still for some milliseconds.
  while (write('two') === before) await new Promise((resolve) => setImmediate(resolve));
  assert.is(open(dir).of('a'), digestOf('two'));
});

test('a file that may still change within one tick of the clock is not remembered', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  const real = lstatSync(dir.file('a'), { bigint: true });
  const remembers = async (changed: bigint, now: number): Promise<boolean> => {
    const stat = Object.assign({ ...real }, { mtimeNs: changed, ctimeNs: changed }) as BigIntStats;
    const cache = open(dir, now);
    cache.digest(dir.file('a'), stateOf(stat), () => digestOf('a'));
    await cache.save();
    const written = existsSync(dir.file('cache'));
    rmSync(dir.file('cache'), { force: true });
    return written;
  };
  const second = 1_700_000_000_000;
  const fine = BigInt(second) * 1_000_000n + 1n;
  assert.not(await remembers(fine, second + 50));
  assert.not(await remembers(fine - 1n, second + 2_499));
  assert.ok(await remembers(fine, second + 51));
  assert.ok(await remembers(fine - 1n, second + 2_500));
});

test('nothing is written where nothing is new; what this build did not look at is kept', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  writeFileSync(dir.file('b'), 'b');
  const first = open(dir);
  first.of('a');
  first.of('b');
  await first.save();
  const { ino } = statSync(dir.file('cache'));
  const second = open(dir);
  second.of('a');
  await second.save();
  assert.is(statSync(dir.file('cache')).ino, ino);
  writeFileSync(dir.file('c'), 'c');
  const third = open(dir);
  third.of('c');
  await third.save();
  const fourth = open(dir);
  for (const name of ['a', 'b', 'c']) fourth.of(name);
  assert.equal(fourth.reads, []);
});

test('a cache that is torn or not ours is empty', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  const first = open(dir);
  first.of('a');
  await first.save();
  const bytes = readFileSync(dir.file('cache'));
  const flipped = Buffer.from(bytes);
  flipped[bytes.length - 3]! ^= 1;
  for (const damaged of [bytes.subarray(0, -1), flipped, Buffer.alloc(0), Buffer.from('other 1 x\n')]) {
    writeFileSync(dir.file('cache'), damaged);
    const again = open(dir);
    assert.is(again.of('a'), digestOf('a'));
    assert.equal(again.reads, ['a']);
  }
});

test('names with odd characters are names', async () => {
  await using dir = await tempDir();
  for (const name of ['a\nb', 'ä', ' ']) writeFileSync(dir.file(name), name);
  const first = open(dir);
  for (const name of ['a\nb', 'ä', ' ']) first.of(name);
  await first.save();
  const second = open(dir);
  for (const name of ['a\nb', 'ä', ' ']) assert.is(second.of(name), digestOf(name));
  assert.equal(second.reads, []);
});

/** A context as a build asks about it: how often it was asked anew is counted. */
function ask(dir: TempDir, now = Date.now() + 600_000) {
  const read: string[] = [];
  const cache = createStatCache({
    file: dir.file('cache'),
    directory: dir.file('context'),
    tmp: dir.path,
    read(path) {
      read.push(String(path));
      return digestOf(readFileSync(path));
    },
    now: () => now,
  });
  const tree = createDirectoryTree(dir.file('context'), {
    look: cache.look,
    digest: (path, state) => cache.digest(path, state, () => digestOf(readFileSync(path))),
  });
  const asked: string[] = [];
  const all = (): Digest =>
    keyDigest(runThrough(treeKey(tree, '/', { mode: true, owner: false })) as KeyTree);
  return {
    cache,
    tree,
    asked,
    /** Files that were read to see whether they are as they were. */
    read,
    all,
    answer: (question = 'all', find = all) =>
      runThrough(
        cache.remembered(question, function* () {
          asked.push(question);
          yield;
          return find();
        }),
      ),
  };
}

function makeContext(dir: TempDir): (name: string) => string {
  const at = (name: string): string => dir.file('context', name);
  mkdirSync(at('d/e'), { recursive: true });
  for (const name of ['a', 'b', 'd/c', 'd/e/f']) writeFileSync(at(name), name);
  symlinkSync('a', at('link'));
  return at;
}

test('questions that are asked in turns each know what they looked at themselves', async () => {
  await using dir = await tempDir();
  const at = makeContext(dir);
  const asked: string[] = [];
  const open = () => {
    const { cache, tree } = ask(dir);
    const start = (path: string) =>
      cache.remembered(path, function* () {
        asked.push(path);
        yield;
        return digestOf(tree.contentDigest(path) + tree.lstat(path)!.mode);
      });
    return { cache, start };
  };
  const first = open();
  const [a, b] = [first.start('/a'), first.start('/b')];
  for (const steps of [a, b, a, b]) steps.next();
  await first.cache.save();
  writeFileSync(at('b'), 'something else');
  asked.length = 0;
  const second = open();
  for (const path of ['/a', '/b']) runThrough(second.start(path));
  assert.equal(asked, ['/b']);
});

test('what was asked before is answered by looking alone, until something that counts has changed', async () => {
  await using dir = await tempDir();
  const at = makeContext(dir);
  const changes: [string, () => void][] = [
    ['content', () => writeFileSync(at('d/c'), 'other')],
    [
      'content, with size and mtime kept',
      () => {
        const { atime, mtime } = statSync(at('d/e/f'));
        writeFileSync(at('d/e/f'), 'other'.slice(0, statSync(at('d/e/f')).size));
        utimesSync(at('d/e/f'), atime, mtime);
      },
    ],
    ['mode', () => chmodSync(at('a'), 0o600)],
    ['mode of a directory', () => chmodSync(at('d/e'), 0o700)],
    ['a new file', () => writeFileSync(at('d/e/new'), '')],
    ['a new directory', () => mkdirSync(at('d/empty'))],
    ['a file that is gone', () => rmSync(at('b'))],
    ['another name', () => renameSync(at('d/c'), at('d/renamed'))],
    [
      'the target of a link',
      () => {
        rmSync(at('link'));
        symlinkSync('d', at('link'));
      },
    ],
    [
      'a directory that is a link now',
      () => {
        renameSync(at('d/e'), dir.file('moved'));
        symlinkSync(dir.file('moved'), at('d/e'));
      },
    ],
    [
      'another file under a name',
      () => {
        writeFileSync(at('swap'), 'a');
        renameSync(at('swap'), at('a'));
      },
    ],
  ];
  for (const [what, change] of [['nothing', () => {}] as const, ...changes]) {
    change();
    const first = ask(dir);
    const answer = first.answer();
    assert.is(first.asked.length, 1, `${what}: it was not asked`);
    assert.is(answer, first.all(), what);
    await first.cache.save();
    const second = ask(dir);
    assert.is(second.answer(), answer, what);
    assert.equal(second.asked, [], `${what}: it was asked again`);
  }
});

test('times do not count where the question did not ask for names, and what is absent may stay so', async () => {
  await using dir = await tempDir();
  const at = makeContext(dir);
  const one = (build: ReturnType<typeof ask>) => (): Digest =>
    digestOf(`${build.tree.lstat('/d/c')?.type} ${build.tree.lstat('/d/none/x')?.type}`);
  const first = ask(dir);
  first.answer('one', one(first));
  await first.cache.save();
  writeFileSync(at('d/e/unasked'), '');
  const second = ask(dir);
  second.answer('one', one(second));
  assert.equal(second.asked, []);
  mkdirSync(at('d/none'));
  writeFileSync(at('d/none/x'), '');
  const third = ask(dir);
  third.answer('one', one(third));
  assert.equal(third.asked, ['one']);
});

test('what may still change within one tick, and what comes from the future, is believed by its content', async () => {
  await using dir = await tempDir();
  const at = makeContext(dir);
  for (const when of [20, -5_000]) {
    const now = statSync(at('a')).ctimeMs + when;
    const first = ask(dir, now);
    const answer = first.answer();
    assert.is(first.answer(), answer);
    await first.cache.save();
    const second = ask(dir, now);
    assert.is(second.answer(), answer);
    // Once it is old enough, its times alone are asked.
    const third = ask(dir);
    assert.is(third.answer(), answer);
    await third.cache.save();
    const fourth = ask(dir);
    assert.is(fourth.answer(), answer);
    assert.equal(
      [first, second, third, fourth].map(({ asked }) => asked.length),
      [1, 0, 0, 0],
    );
    assert.equal(
      [second, third, fourth].map(({ read }) => read.length),
      [4, 4, 0],
    );
    rmSync(dir.file('cache'));
  }
});

test('what is believed by its content is asked anew where that is another', async () => {
  await using dir = await tempDir();
  const at = makeContext(dir);
  const now = statSync(at('a')).ctimeMs;
  const first = ask(dir, now);
  first.answer();
  await first.cache.save();
  // Kernels that give every change a time of its own leave no other way to see it.
  const file = dir.file('cache');
  const written = readFileSync(file);
  const [{ names, counts: kinds }] = decodeStatFile(Buffer.from(written)) as [Section];
  assert.ok([...kinds].every((kind) => kind === counts.content));
  for (const [index, name] of names.entries()) {
    const sections = decodeStatFile(Buffer.from(written));
    sections[0]!.digests[index * 32]! ^= 1;
    writeFileSync(file, encodeStatFile(sections));
    const second = ask(dir, now);
    second.answer();
    assert.is(second.asked.length, 1, name);
  }
});

test('questions keep apart, and a build that asks one leaves the others', async () => {
  await using dir = await tempDir();
  makeContext(dir);
  const names = ['all', 'one', 'two'];
  for (const name of names) {
    const build = ask(dir);
    build.answer(name, () => digestOf(`${name} ${build.tree.lstat('/a')?.size}`));
    await build.cache.save();
  }
  const last = ask(dir);
  for (const name of names) assert.is(last.answer(name), digestOf(`${name} 1`));
  assert.equal(last.asked, []);
});

test.run();
