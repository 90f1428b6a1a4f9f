// Flags that binds have to keep in a user namespace.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { flagsAt, parseMounts } from '../../src/runtime/locked-flags.ts';

const test = suite('runtime/locked-flags');
const mounts = parseMounts(
  [
    '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '22 21 0:5 / /home rw,nosuid,nodev shared:2 - ext4 /dev/sdb rw',
    '23 22 0:6 / /home/with\\040blank ro,noexec - tmpfs tmpfs rw',
    '24 21 0:7 / /home rw,noexec - tmpfs tmpfs rw',
    '',
  ].join('\n'),
);

test('a path has the flags of the mount that it lies on', () => {
  assert.equal(flagsAt('/etc/hosts', mounts), []);
  assert.equal(flagsAt('/homes', mounts), []);
  assert.equal(flagsAt('/home/with blank/file', mounts), ['ro', 'noexec']);
});

test('of mounts at one path the last one counts', () => {
  assert.equal(flagsAt('/home', mounts), ['noexec']);
  assert.equal(flagsAt('/home/ann', mounts), ['noexec']);
});

test.run();
