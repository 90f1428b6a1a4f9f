import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOwner, directoryOwner, processUser } from '../../src/ops/user.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { throws } from '../dockerfile/throws.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('user');
const folder = await tempDir();
test.after(async () => {
  await folder[Symbol.asyncDispose]();
});
mkdirSync(folder.file('real'));
symlinkSync('/real', folder.file('etc'));
writeFileSync(
  folder.file('real/passwd'),
  [
    'root:x:0:0:root:/root:/bin/sh',
    '# a comment: with: colons',
    'app:x:1000:2000:App:/home/app:/bin/sh',
    'nohome:x:1001:1001',
    '5000:x:7:8::/odd:/bin/sh',
    '',
  ].join('\n'),
);
writeFileSync(
  folder.file('real/group'),
  ['root:x:0:', 'app:x:2000:', 'disk:x:6:app,other', 'docker:x:99:app', 'extra:x:3000:'].join('\n'),
);
const tree = createDirectoryTree(folder.path);
const bare = memoryTree({});

test('no user is root, by name or by nothing, with or without a passwd', () => {
  for (const spec of ['', 'root', '0', '0:0'])
    assert.equal(processUser(tree, spec), { uid: 0, gid: 0, groups: [0], home: '/root' }, spec);
  assert.equal(processUser(bare, ''), { uid: 0, gid: 0, groups: [0], home: '/root' });
});

test('root needs no entry where a group is given, nor for a folder, and is who the entry says where there is one', async () => {
  throws(() => processUser(bare, 'root'), 'ERR_USER_NOT_FOUND', /root/);
  for (const spec of ['root:root', 'root:0'])
    assert.equal(processUser(bare, spec), { uid: 0, gid: 0, groups: [0], home: '/root' }, spec);
  assert.equal(directoryOwner(bare, 'root'), { uid: 0, gid: 0 });
  await using odd = await tempDir();
  mkdirSync(odd.file('etc'));
  writeFileSync(odd.file('etc/passwd'), 'root:x:5:6::/r:\napp:x:7:8::/h:');
  writeFileSync(odd.file('etc/group'), 'broken:x:many:app\ngood:x:9:app');
  const other = createDirectoryTree(odd.path);
  assert.is(processUser(other, 'root').uid, 5);
  assert.equal(processUser(other, 'app').groups, [8, 9], 'a line without a number is passed over');
  throws(() => processUser(other, 'app:broken'), 'ERR_USER_NOT_FOUND', /NaN/);
});

test('a user by name or number has the group, home and supplementary groups of its entry', () => {
  const app = { uid: 1000, gid: 2000, groups: [2000, 6, 99], home: '/home/app' };
  assert.equal(processUser(tree, 'app'), app);
  assert.equal(processUser(tree, '1000'), app);
});

test('a group that is named stands alone: the supplementary ones are dropped', () => {
  assert.equal(processUser(tree, 'app:extra'), { uid: 1000, gid: 3000, groups: [3000], home: '/home/app' });
  assert.equal(processUser(tree, 'app:77'), { uid: 1000, gid: 77, groups: [77], home: '/home/app' });
});

test('a number without an entry is that user, in group 0 unless one is given', () => {
  assert.equal(processUser(tree, '4321'), { uid: 4321, gid: 0, groups: [0], home: '/' });
  assert.equal(processUser(bare, '4321:5'), { uid: 4321, gid: 5, groups: [5], home: '/' });
});

test('a name of digits goes before the number', () => {
  assert.is(processUser(tree, '5000').uid, 7);
});

test('a name that is unknown is an error for a process', () => {
  throws(() => processUser(tree, 'nobody'), 'ERR_USER_NOT_FOUND', /nobody/);
  throws(() => processUser(tree, 'app:nogroup'), 'ERR_USER_NOT_FOUND', /nogroup/);
  throws(() => processUser(bare, 'app'), 'ERR_USER_NOT_FOUND', /app/);
});

test('what WORKDIR makes belongs to the user; an unknown number is the group, too', () => {
  assert.equal(directoryOwner(tree, ''), { uid: 0, gid: 0 });
  assert.equal(directoryOwner(tree, 'app'), { uid: 1000, gid: 2000 });
  assert.equal(directoryOwner(tree, '4321'), { uid: 4321, gid: 4321 });
  assert.equal(directoryOwner(tree, '4321:5'), { uid: 4321, gid: 5 });
  assert.equal(directoryOwner(tree, '1000'), { uid: 1000, gid: 2000 });
});

test('--chown takes names and numbers; a number alone is the group, too', () => {
  assert.equal(copyOwner(tree, 'app'), { uid: 1000, gid: 2000 });
  assert.equal(copyOwner(tree, 'app:extra'), { uid: 1000, gid: 3000 });
  assert.equal(copyOwner(tree, '1000'), { uid: 1000, gid: 1000 });
  assert.equal(copyOwner(tree, '5:6'), { uid: 5, gid: 6 });
  assert.equal(copyOwner(tree, ':6'), { uid: 0, gid: 6 });
  assert.equal(copyOwner(undefined, '5:6'), { uid: 5, gid: 6 });
});

test('an unknown name in --chown is root, an unknown group root; the group given stays', () => {
  assert.equal(copyOwner(tree, 'nobody'), { uid: 0, gid: 0 });
  assert.equal(copyOwner(tree, 'nobody:extra'), { uid: 0, gid: 3000 });
});

test('a name in --chown needs a root to be looked up in', () => {
  throws(() => copyOwner(undefined, 'app'), 'ERR_USER_NOT_FOUND', /app/);
  throws(() => copyOwner(undefined, '5:app'), 'ERR_USER_NOT_FOUND', /app/);
});

test('numbers that no user can have are refused, wherever they come from', () => {
  mkdirSync(folder.file('other/etc'), { recursive: true });
  writeFileSync(
    folder.file('other/etc/passwd'),
    'neg:x:-1:0::/:\nbig:x:1:99999999999::/:\nword:x:one:1::/:\n',
  );
  writeFileSync(folder.file('other/etc/group'), 'wide:x:4294967296:\n');
  const other = createDirectoryTree(folder.file('other'));
  for (const spec of ['neg', 'big', 'word', '4294967296', '0:wide', '0:99999999999', '2147483648'])
    throws(() => processUser(other, spec), 'ERR_USER_NOT_FOUND', /2147483647/);
  for (const spec of ['neg', 'big', '4294967296', '0:wide'])
    throws(() => copyOwner(other, spec), 'ERR_USER_NOT_FOUND', /2147483647/);
  assert.is(processUser(other, '2147483647').uid, 2147483647);
});

test.run();
