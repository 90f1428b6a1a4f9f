// Which user namespace a process is in, by the maps that the kernel shows.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeMaps } from '../../src/fs/user-namespace.ts';

const test = suite('fs/user-namespace');
const all = '         0          0 4294967295\n';

test('the first namespace is none', () => {
  assert.is(describeMaps({ uid: all, gid: all }), undefined);
});

test('ranges count together, and whichever of users and groups are fewer', () => {
  const uid = '0 1000 1\n1 100000 65536\n';
  assert.equal(describeMaps({ uid, gid: uid }), { kind: 'subuid', ids: 65537 });
  assert.equal(describeMaps({ uid, gid: '0 1000 1\n' }), { kind: 'single', ids: 1 });
  assert.equal(describeMaps({ uid: all, gid: '0 0 4294967294\n' }), { kind: 'subuid', ids: 4294967294 });
});

test('one id, and none yet, are the same', () => {
  assert.equal(describeMaps({ uid: '0 1000 1\n', gid: '0 1000 1\n' }), { kind: 'single', ids: 1 });
  assert.is(describeMaps({ uid: '', gid: '' })?.kind, 'single');
});

test.run();
