// Both ways to reach the system calls behave alike.
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError, systemCode } from '../../src/errors.ts';
import { createCommandSys } from '../../src/fs/command-sys.ts';
import { createKoffiSys } from '../../src/fs/koffi-sys.ts';
import { encodePath } from '../../src/fs/path-bytes.ts';
import { createPlainSys, loadSys, type Sys } from '../../src/fs/sys.ts';
import { requireFeature } from '../support/require-feature.ts';

const koffi = createKoffiSys();
const commands = ['getfattr', 'setfattr'].every((name) => !spawnSync(name, ['--version']).error);
const isRoot = process.getuid?.() === 0;

function userXattrs(directory: string): boolean {
  const path = join(directory, 'probe');
  writeFileSync(path, '');
  return spawnSync('setfattr', ['-n', 'user.probe', path]).status === 0;
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
}

function contract(name: string, sys: Sys | undefined): void {
  const test = suite(`fs/sys ${name}`);
  const directory = mkdtempSync(join(tmpdir(), 'slipway-sys-'));
  const xattrs = userXattrs(directory);
  test.after(() => rmSync(directory, { recursive: true }));
  let count = 0;
  const file = (suffix = ''): string => {
    const path = join(directory, `file-${count++}${suffix}`);
    writeFileSync(encodePath(path), 'x');
    return path;
  };

  test('attributes are bytes, and absent ones undefined', () => {
    if (!requireFeature(name, sys !== undefined) || !requireFeature('user xattrs', xattrs)) return;
    for (const path of [file(), file('-ü'), file('-\uDCFF')]) {
      const value = Buffer.of(0, 255, 128, 10, 61);
      sys!.setXattr(path, 'user.b', value);
      sys!.setXattr(path, 'user.a=ü', Buffer.alloc(0));
      assert.equal(sys!.listXattr(path), ['user.a=ü', 'user.b']);
      assert.equal(sys!.getXattr(path, 'user.b'), value);
      assert.equal(sys!.getXattr(path, 'user.a=ü'), Buffer.alloc(0));
      assert.is(sys!.getXattr(path, 'user.c'), undefined);
      sys!.removeXattr(path, 'user.b');
      assert.equal(sys!.listXattr(path), ['user.a=ü']);
    }
  });

  test('a long value is read whole', () => {
    if (!requireFeature(name, sys !== undefined) || !requireFeature('user xattrs', xattrs)) return;
    const shared = join('/dev/shm', `slipway-sys-${process.pid}-${name}`);
    const value = Buffer.alloc(20_000, 7);
    try {
      writeFileSync(shared, '');
      sys!.setXattr(shared, 'user.long', value);
    } catch {
      requireFeature('long xattrs', false);
      return;
    } finally {
      if (sys?.getXattr(shared, 'user.long') === undefined) rmSync(shared, { force: true });
    }
    assert.equal(sys!.getXattr(shared, 'user.long'), value);
    rmSync(shared);
  });

  test('a link is meant itself, and absent files are ENOENT', () => {
    if (!requireFeature(name, sys !== undefined)) return;
    const target = file();
    const link = join(directory, `link-${name}`);
    symlinkSync(target, link);
    if (xattrs) sys!.setXattr(target, 'user.a', Buffer.of(1));
    assert.equal(sys!.listXattr(link), []);
    const before = lstatSync(target, { bigint: true }).mtimeNs;
    sys!.setTimes(link, 5n);
    assert.is(lstatSync(link, { bigint: true }).mtimeNs, 5n);
    assert.is(lstatSync(target, { bigint: true }).mtimeNs, before);
    assert.is(readlinkSync(link), target);
    const absent = join(directory, 'absent');
    assert.is(systemCode(errorOf(() => sys!.listXattr(absent))), 'ENOENT');
    assert.is(systemCode(errorOf(() => sys!.setXattr(absent, 'user.a', Buffer.of(1)))), 'ENOENT');
    assert.is(systemCode(errorOf(() => sys!.mknod(join(absent, 'a'), fifo(0o600)))), 'ENOENT');
  });

  test('times are exact, before 1970 too', () => {
    if (!requireFeature(name, sys !== undefined)) return;
    for (const time of [
      1_700_000_000_123_456_789n,
      1_700_000_000_999_999_999n,
      -1_500_000_001n,
      -3n * 10n ** 9n,
      0n,
    ]) {
      const path = file('-\uDC80');
      sys!.setTimes(path, time);
      const stat = lstatSync(encodePath(path), { bigint: true });
      assert.is(stat.mtimeNs, time);
      assert.is(stat.atimeNs, time);
    }
  });

  test('nodes have the type, numbers and mode that were asked for', () => {
    if (!requireFeature(name, sys !== undefined)) return;
    const pipe = join(directory, `pipe-${name}`);
    sys!.mknod(pipe, fifo(0o666));
    assert.is(lstatSync(pipe).mode, 0o010666);
    if (!requireFeature('root', isRoot)) return;
    const device = join(directory, `device-${name}-\uDCFE`);
    sys!.mknod(device, { type: 'char', mode: 0o622, major: 511, minor: 700_000 });
    const stat = lstatSync(encodePath(device));
    assert.is(stat.mode, 0o020622);
    assert.is(stat.rdev, Number((511n << 8n) | (700_000n & 0xffn) | ((700_000n & ~0xffn) << 12n)));
    assert.is(systemCode(errorOf(() => sys!.mknod(pipe, fifo(0o666)))), 'EEXIST');
  });

  test.run();
}

function fifo(mode: number): Parameters<Sys['mknod']>[1] {
  return { type: 'fifo', mode, major: 0, minor: 0 };
}

contract('koffi', koffi);
contract('commands', commands ? createCommandSys() : undefined);

const test = suite('fs/sys');

test('the implementation is chosen once', () => {
  assert.is(loadSys(), loadSys());
});

test('without Linux there are no attributes, and devices are refused', () => {
  const plain = createPlainSys();
  assert.equal(plain.listXattr('/'), []);
  const error = errorOf(() => plain.mknod('/nowhere', fifo(0o600)));
  assert.ok(isSlipwayError(error) && error.code === 'ERR_UNSUPPORTED');
});

test.run();
