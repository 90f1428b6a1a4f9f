// The tar around a layout, as other readers see it.
import { spawnSync } from 'node:child_process';
import { extract } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { outerEnd, outerHeader, outerPadding } from '../../src/export/outer-tar.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('export/outer-tar');

test('entries come back with name, type, mode, size and time', async () => {
  const content = Buffer.from('hello');
  const tar = Buffer.concat([
    outerHeader({ path: 'blobs/', size: 0, mtime: 5 }),
    outerHeader({ path: `blobs/sha256/${'a'.repeat(64)}`, size: content.length, mtime: 1_700_000_000 }),
    content,
    outerPadding(content.length),
    outerHeader({ path: 'empty', size: 0, mtime: 0 }),
    outerPadding(0),
    outerEnd(),
  ]);
  const seen: unknown[] = [];
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type, mode, mtime, size, uid, gid } = entry.header;
    const seconds = mtime!.getTime() / 1000;
    seen.push([name, type, mode, seconds, size, uid, gid, Buffer.concat(chunks).toString()]);
  }
  assert.equal(seen, [
    ['blobs/', 'directory', 0o755, 5, 0, 0, 0, ''],
    [`blobs/sha256/${'a'.repeat(64)}`, 'file', 0o444, 1_700_000_000, 5, 0, 0, 'hello'],
    ['empty', 'file', 0o444, 0, 0, 0, 0, ''],
  ]);
});

test('sizes beyond 8 GiB are said in a PAX record', () => {
  const size = 20 * 2 ** 30;
  const head = outerHeader({ path: 'blobs/sha256/big', size, mtime: 0 });
  assert.is(head.length, 3 * 512);
  assert.is(head.toString('latin1', 512, 512 + 20), `20 size=${size}\n`);
  if (!requireFeature('tar', !spawnSync('tar', ['--version']).error)) return;
  // The content is not there: the list is all that can be asked for.
  const listed = spawnSync('tar', ['-tvf', '-'], { input: head }).stdout.toString();
  assert.match(listed, `${size}`);
});

test.run();
