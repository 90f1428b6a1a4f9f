import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLayerDraft, type DraftEntry } from '../../src/ops/layer-draft.ts';
import { directoryEntry } from '../../src/tree/directory-entry.ts';
import { throws } from '../dockerfile/throws.ts';
import { dir, file, link, memoryTree } from '../support/memory-tree.ts';

const test = suite('layer-draft');
const made = { mode: 0o750, uid: 1, gid: 2, mtime: 3n };
const entry = (more: Partial<DraftEntry> = {}): DraftEntry => ({
  stat: file('').entry,
  linkTarget: '',
  xattrs: {},
  content: 'host',
  ...more,
});

test('nothing added is no entries, on any base', () => {
  assert.equal([...createLayerDraft(undefined, 7n).entries()], []);
  assert.equal([...createLayerDraft(memoryTree({ '/a': '' }), 7n).entries()], []);
});

test('an empty root is a directory', () => {
  assert.is(createLayerDraft(undefined, 7n).lstat('/')?.type, 'dir');
  assert.is(createLayerDraft(undefined, 7n).lstat('/a'), undefined);
});

test('missing directories are made as asked; those that are there stay out of the layer until needed', () => {
  const draft = createLayerDraft(memoryTree({ '/a': dir({ mode: 0o700 }) }), 7n);
  draft.makeDirectories('/a', made);
  assert.equal([...draft.entries()], []);
  draft.makeDirectories('/a/b/c', made);
  assert.equal(draft.lstat('/a/b'), directoryEntry(made));
  assert.equal(
    [...draft.entries()].map((one) => (one.kind === 'entry' ? [one.path, one.stat.mode] : one.path)),
    [
      ['a', 0o700],
      ['a/b', 0o750],
      ['a/b/c', 0o750],
    ],
  );
});

test('a file or link in the way of a directory is an error', () => {
  const draft = createLayerDraft(memoryTree({ '/f': '', '/l': link('a') }), 7n);
  throws(() => draft.makeDirectories('/f/x', made), 'ERR_COPY', /\/f is not a directory/);
  throws(() => draft.makeDirectories('/l', made), 'ERR_COPY', /\/l is not a directory/);
});

test('links of the base and of the draft are followed', () => {
  const draft = createLayerDraft(memoryTree({ '/lib': link('usr/lib') }), 7n);
  draft.add('/new', entry({ stat: link('').entry, linkTarget: '/lib/x', content: undefined }));
  assert.is(draft.resolve('/new/y', { followLast: true }), '/usr/lib/x/y');
});

test('what is added later replaces what was there', () => {
  const draft = createLayerDraft(undefined, 7n);
  draft.add('/f', entry({ content: 'one' }));
  draft.add('/f', entry({ content: 'two' }));
  assert.equal(
    [...draft.entries()].map((one) => one.kind === 'entry' && one.content),
    ['two'],
  );
});

test('names of one group are hard links to the first of them in the layer', () => {
  const draft = createLayerDraft(undefined, 7n);
  for (const path of ['/z', '/b', '/a-x']) draft.add(path, entry({ group: 'g' }));
  draft.add('/c', entry({ group: 'other' }));
  assert.equal(
    [...draft.entries()].map((one) => one.kind === 'entry' && [one.path, one.hardLinkTo]),
    [
      ['a-x', undefined],
      ['b', 'a-x'],
      ['c', undefined],
      ['z', 'a-x'],
    ],
  );
});

test('a directory stands before what it holds, and that before longer names', () => {
  const draft = createLayerDraft(undefined, 7n);
  for (const path of ['/a-', '/a.b', '/a/c', '/a', '/a/b/d']) draft.add(path, entry({ stat: dir().entry }));
  draft.makeDirectories('/a/b', made);
  assert.equal(
    [...draft.entries()].map(({ path }) => path),
    ['a', 'a/b', 'a/b/d', 'a/c', 'a-', 'a.b'],
  );
});

test.run();
