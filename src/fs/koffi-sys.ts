// Sys over libc, called through koffi, an optional dependency that is loaded on first use (10 ms) and costs about 1 µs a call.
import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { decodeName, encodePath } from './path-bytes.ts';
import type { NodeSpec, Sys } from './sys.ts';

type Koffi = typeof import('koffi');

const { ENODATA, ENOTSUP, ERANGE } = constants.errno;
const fileTypes = { char: 0o020000, block: 0o060000, fifo: 0o010000 };
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
/** Where `struct timespec` is two 64-bit numbers and koffi has a binary. */
const architectures = ['x64', 'arm64', 'riscv64', 'loong64'];

/** Undefined where koffi is not installed or does not know this machine. */
export function createKoffiSys(): Sys | undefined {
  if (process.platform !== 'linux' || !architectures.includes(process.arch)) return undefined;
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)('koffi') as Koffi;
    return bind(koffi);
  } catch {
    return undefined;
  }
}

function bind(koffi: Koffi): Sys {
  const libc = koffi.load(null);
  const llistxattr = libc.func('intptr_t llistxattr(const char *path, void *list, size_t size)');
  const lgetxattr = libc.func(
    'intptr_t lgetxattr(const char *path, const char *name, void *value, size_t size)',
  );
  const lsetxattr = libc.func(
    'int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)',
  );
  const lremovexattr = libc.func('int lremovexattr(const char *path, const char *name)');
  const mknod = libc.func('int mknod(const char *path, uint32_t mode, uint64_t dev)');
  const utimensat = libc.func('int utimensat(int dirfd, const char *path, const void *times, int flags)');

  const times = new BigInt64Array(4);
  const timesBytes = Buffer.from(times.buffer);
  const shared = Buffer.allocUnsafeSlow(4096);

  const fail = (errno: number, syscall: string, path: string): never => {
    const code = getSystemErrorName(-errno);
    throw Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno: -errno, syscall, path });
  };
  const check = (result: number, syscall: string, path: string): void => {
    if (result < 0) fail(koffi.errno(), syscall, path);
  };
  /** Calls with the shared buffer, and with a bigger one for as long as the value does not fit. */
  const read = (syscall: string, path: string, call: (buffer: Buffer) => number): Buffer | undefined => {
    let buffer = shared;
    for (;;) {
      const size = call(buffer);
      if (size >= 0) return buffer.subarray(0, size);
      const errno = koffi.errno();
      if (errno === ENODATA || errno === ENOTSUP) return undefined;
      if (errno !== ERANGE) fail(errno, syscall, path);
      buffer = Buffer.allocUnsafeSlow(buffer.length * 4);
    }
  };

  return {
    getXattr(path, name) {
      const target = cPath(path);
      const attribute = cPath(name);
      const value = read('lgetxattr', path, (buffer) => lgetxattr(target, attribute, buffer, buffer.length));
      return value && Buffer.from(value);
    },
    listXattr(path) {
      const target = cPath(path);
      const list = read('llistxattr', path, (buffer) => llistxattr(target, buffer, buffer.length));
      if (list === undefined || list.length === 0) return [];
      return decodeName(list).split('\0').slice(0, -1).sort();
    },
    setXattr(path, name, value) {
      check(lsetxattr(cPath(path), cPath(name), value, value.length, 0), 'lsetxattr', path);
    },
    removeXattr(path, name) {
      check(lremovexattr(cPath(path), cPath(name)), 'lremovexattr', path);
    },
    mknod(path, node) {
      check(mknod(cPath(path), fileTypes[node.type] | (node.mode & 0o7777), device(node)), 'mknod', path);
      chmodSync(encodePath(path), node.mode & 0o7777);
    },
    setTimes(path, mtime) {
      const nanoseconds = ((mtime % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
      times[0] = times[2] = (mtime - nanoseconds) / 1_000_000_000n;
      times[1] = times[3] = nanoseconds;
      check(utimensat(AT_FDCWD, cPath(path), timesBytes, AT_SYMLINK_NOFOLLOW), 'utimensat', path);
    },
  };
}

/** Koffi ends strings with a NUL, but takes buffers as they are. */
function cPath(path: string): string | Buffer {
  const encoded = encodePath(path);
  return typeof encoded === 'string' ? encoded : Buffer.concat([encoded, Buffer.of(0)]);
}

/** `dev_t` as glibc and musl lay it out (gnu_dev_makedev). */
function device(node: NodeSpec): bigint {
  const major = BigInt(node.major);
  const minor = BigInt(node.minor);
  return (minor & 0xffn) | ((major & 0xfffn) << 8n) | ((minor & ~0xffn) << 12n) | ((major & ~0xfffn) << 32n);
}
