// Records of builds on disk: what is found again, which go, and that what is torn is absent.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRecord } from '../../src/build-record.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createBuildIndex } from '../../src/store/build-index.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('store/build-index');

function record(number: number, path = '/a/Dockerfile', error = ''): BuildRecord {
  const id = `${String(number).padStart(17, '0')}-abcdef`;
  return {
    ...{
      id,
      started: '2026-01-01T00:00:00.000Z',
      seconds: 1,
      outcome: 'done',
      context: '/a',
      noCache: false,
    },
    ...{
      dockerfile: { path, digest: digestOf('') },
      platforms: [],
      buildArgs: {},
      caches: [],
      transfers: [],
    },
    steps: [
      {
        type: 'exec',
        text: 'RUN a',
        label: '',
        lines: [2, 2],
        inputs: [null],
        outcome: 'ran',
        keys: [],
        error,
      },
    ],
  };
}

test('the newest comes first, of one Dockerfile or of all', async () => {
  await using dir = await tempDir();
  const index = createBuildIndex(dir.file('state'));
  assert.equal(index.list(), []);
  for (const [number, path] of [
    [1, '/a'],
    [3, '/b'],
    [2, '/a'],
  ] as const)
    index.add(record(number, path), '');
  const ids = (path?: string) => index.list(path).map((one) => index.read(one)!.id.slice(16, 17));
  assert.equal(ids(), ['3', '2', '1']);
  assert.equal(ids('/a'), ['2', '1']);
  assert.equal(ids('/c'), []);
  const listed = index.listAll();
  index.add(record(4, '/a'), '');
  for (const path of ['/b', '/c']) assert.equal(listed(path), index.list(path));
  assert.equal(listed('/a'), index.list('/a').slice(1));
  assert.equal(index.read(index.list('/b')[0]!), record(3, '/b'));
});

test('the last build of the same is known by its mark', async () => {
  await using dir = await tempDir();
  const index = createBuildIndex(dir.file('state'));
  const one = record(1);
  const other = { ...record(2), target: 'other' };
  assert.not(index.isLast(one, 'a'));
  index.add(one, 'a');
  assert.ok(index.isLast(record(5), 'a'));
  assert.not(index.isLast(record(5, '/elsewhere'), 'a'));
  assert.not(index.isLast(other, 'a'));
  index.add(other, 'b');
  assert.ok(index.isLast(one, 'a') && index.isLast(other, 'b'));
  index.add(record(3), '');
  assert.not(index.isLast(one, 'a'));
});

test('a torn record is absent, and foreign files are passed over', async () => {
  await using dir = await tempDir();
  const root = dir.file('state');
  const index = createBuildIndex(root);
  index.add(record(1), '');
  const { file } = index.list()[0]!;
  writeFileSync(file, readFileSync(file).subarray(0, 300));
  writeFileSync(join(root, 'builds-v1', 'notes.txt'), '');
  assert.is(index.list().length, 1);
  assert.is(index.read(index.list()[0]!), undefined);
  assert.is(index.read({ file: join(root, 'none') }), undefined);
});

test('the newest are kept, and large ones within their room', async () => {
  await using dir = await tempDir();
  const root = dir.file('state');
  const index = createBuildIndex(root);
  for (let number = 0; number < 300; number++) index.add(record(number), '');
  const count = () => index.list().length;
  assert.ok(count() <= 288 && count() >= 256, String(count()));
  assert.is(index.read(index.list()[0]!)!.id, record(299).id);
  const large = 'x'.repeat(8 << 20);
  for (let number = 300; number < 310; number++) index.add(record(number, '/a', large), '');
  assert.ok(count() <= 8, String(count()));
  assert.is(index.read(index.list()[0]!)!.id, record(309).id);
});

test.run();
