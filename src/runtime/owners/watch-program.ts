// The thread that answers steps which give files to somebody (seccomp_unotify(2)), as CommonJS. It does what the kernel would, on the very
// file: gives it to the one id that there is, which clears setuid bits, and has the file remember whom it was to go to.
//
// It is sent listeners through a pipe and not by messages, as it never returns to its event loop. The file is looked for from the root
// and the folder of the process that asks, so that no link leads out of the step.
import { ownerAttribute } from '../../fs/owner-mark.ts';

/** What is written to the pipe, as two 32-bit numbers: this and a listener. */
export const watchWords = { add: 1, remove: 2, end: 3 } as const;

/** `workerData`: `koffi`, a path; `pipe`, where to read; `calls`, as ownerCalls. */
export const watchProgram = `
const { parentPort, workerData: { koffi: path, pipe, calls } } = require('node:worker_threads');
const { readSync } = require('node:fs');
const koffi = require(path);
const libc = koffi.load(null);
const define = (text) => libc.func(text);
const poll = define('int poll(void *fds, unsigned long count, int timeout)');
const ioctl = define('int ioctl(int fd, unsigned long request, void *argument)');
const openat = define('int openat(int folder, const void *path, int flags)');
const close = define('int close(int fd)');
const fchdir = define('int fchdir(int fd)');
const chroot = define('int chroot(const void *path)');
const chown = define('int chown(const void *path, uint32_t uid, uint32_t gid)');
const getxattr = define('intptr_t getxattr(const void *path, const void *name, void *value, size_t size)');
const setxattr = define('int setxattr(const void *path, const void *name, const void *value, size_t size, int flags)');
const readlink = define('intptr_t readlink(const void *path, void *text, size_t size)');
const unshare = define('int unshare(int flags)');
const text = (value) => Buffer.from(value + '\\0');
const [receive, send, isValid] = [0xc0502100, 0xc0182101, 0x40082102];
const [closeOnExec, pathOnly, noFollow] = [0x80000, 0x200000, calls.chown === undefined ? 0x8000 : 0x20000];
const [here, emptyPath, noFollowFlag, keep] = [-100, 0x1000, 0x100, 0xffffffff];
const [EPERM, EFAULT, EINVAL, ENOTSUP] = [1, 14, 22, 95];
const name = text('${ownerAttribute}');
const dot = text('.');
// A root and a folder of this thread's own.
unshare(0x200);
const proc = openat(here, text('/proc'), pathOnly | closeOnExec);
const failed = () => { throw koffi.errno(); };
const check = (result) => (result < 0 ? failed() : result);
const listeners = new Map();
const opened = [];
const open = (folder, path, flags) => {
  const fd = check(openat(folder, path, flags | closeOnExec));
  opened.push(fd);
  return fd;
};
const ofProcess = (pid, path, flags = pathOnly) => open(proc, text(pid + '/' + path), flags);

function readPath(pid, address) {
  const memory = ofProcess(pid, 'mem', 0);
  const bytes = Buffer.alloc(4097);
  let size = 0;
  try {
    size = readSync(memory, bytes, 0, 4096, address);
  } catch {
    throw EFAULT;
  }
  const end = bytes.indexOf(0);
  if (end > size) throw EFAULT;
  return bytes.subarray(0, end + 1);
}

function find(pid, call, args) {
  const number = Number(BigInt.asIntN(32, args[0]));
  if (call === calls.fchown) return ofProcess(pid, 'fd/' + number);
  const isAt = call === calls.fchownat;
  const folder = isAt ? number : here;
  const flags = isAt ? Number(args[4]) : call === calls.lchown ? noFollowFlag : 0;
  const path = readPath(pid, isAt ? args[1] : args[0]);
  const base = () => ofProcess(pid, folder === here ? 'cwd' : 'fd/' + folder);
  if (path.length === 1) {
    if ((flags & emptyPath) === 0) throw 2;
    return base();
  }
  const root = ofProcess(pid, 'root');
  check(fchdir(root));
  check(chroot(dot));
  if (path[0] !== 0x2f) check(fchdir(base()));
  return open(here, path, pathOnly | (flags & noFollowFlag ? noFollow : 0));
}

function ownerOf(file) {
  const value = Buffer.alloc(64);
  const size = getxattr(file, name, value, value.length);
  const found = /^(\\d+):(\\d+)$/.exec(value.toString('latin1', 0, Math.max(0, Number(size))));
  return found ? [Number(found[1]), Number(found[2])] : [0, 0];
}

// Busybox gives the id that is to stay as it read it, and it reads that all is root's: what it was told is in its words, but for a shell
// that is its own chown. Whether root is meant can't be known then.
const isDoubtful = (id, other, before) => id === 0 && before !== 0 && other !== 0 && other !== keep;

function stays(pid) {
  const exe = text(pid + '/exe');
  const target = Buffer.alloc(4096);
  check(fchdir(proc));
  const size = Number(readlink(exe, target, target.length));
  if (!target.toString('latin1', 0, Math.max(0, size)).endsWith('busybox')) return [false, false];
  const bytes = Buffer.alloc(65536);
  const words = bytes.toString('latin1', 0, readSync(ofProcess(pid, 'cmdline', 0), bytes, 0, bytes.length, null)).split('\0');
  const named = (index) => (words[index] || '').split('/').pop();
  const at = named(0) === 'busybox' ? 1 : 0;
  if (named(at) === 'chgrp') return [true, false];
  if (named(at) !== 'chown') return [false, false, true];
  const [, user, group] = /^([^:.]*)(?:[:.](.*))?$/.exec(words.slice(at + 1).find((word) => !word.startsWith('-')) || '') || [];
  return [user === '', group === undefined];
}

function give(listener, notice) {
  const pid = notice.readUInt32LE(8);
  const call = notice.readInt32LE(16);
  const args = [0, 1, 2, 3, 4].map((index) => notice.readBigUInt64LE(32 + index * 8));
  const first = call === calls.fchownat ? 2 : 1;
  let [uid, gid] = [args[first], args[first + 1]].map((each) => Number(BigInt.asUintN(32, each)));
  if (uid === keep && gid === keep) return { error: 0, flags: 1 };
  try {
    const [staysUser, staysGroup, isUnknown] = uid === 0 || gid === 0 ? stays(pid) : [false, false];
    if (staysUser && uid === 0) uid = keep;
    if (staysGroup && gid === 0) gid = keep;
    const fd = find(pid, call, args);
    // The process may have ended, and its number be another's.
    if (ioctl(listener, isValid, notice.subarray(0, 8)) < 0) return undefined;
    check(fchdir(proc));
    const file = text('self/fd/' + fd);
    const own = (id) => (id === keep ? keep : 0);
    const before = listeners.get(listener).get(pathOf(file)) ?? ownerOf(file);
    if (isUnknown && (isDoubtful(uid, gid, before[0]) || isDoubtful(gid, uid, before[1]))) throw EINVAL;
    check(chown(file, own(uid), own(gid)));
    const after = [uid === keep ? before[0] : uid, gid === keep ? before[1] : gid];
    const mark = Buffer.from(after.join(':'));
    if (setxattr(file, name, mark, mark.length, 0) < 0) {
      const errno = koffi.errno();
      if (errno !== EPERM && errno !== ENOTSUP) throw errno;
      listeners.get(listener).set(pathOf(file), after);
    }
    return { error: 0, flags: 0 };
  } catch (errno) {
    if (typeof errno !== 'number') throw errno;
    return { error: -errno, flags: 0 };
  } finally {
    for (const fd of opened.splice(0)) close(fd);
  }
}

function pathOf(file) {
  const target = Buffer.alloc(4096);
  return target.toString('latin1', 0, Math.max(0, Number(readlink(file, target, target.length))));
}

const notice = Buffer.alloc(80);
const answer = Buffer.alloc(24);
function serve(listener) {
  notice.fill(0);
  if (ioctl(listener, receive, notice) < 0) return;
  const result = give(listener, notice);
  if (!result) return;
  answer.fill(0);
  notice.copy(answer, 0, 0, 8);
  answer.writeInt32LE(result.error, 16);
  answer.writeUInt32LE(result.flags, 20);
  ioctl(listener, send, answer);
}

const word = Buffer.alloc(8);
for (let working = true; working; ) {
  const watched = [pipe, ...listeners.keys()];
  const table = Buffer.alloc(watched.length * 8);
  watched.forEach((fd, index) => { table.writeInt32LE(fd, index * 8); table.writeInt16LE(1, index * 8 + 4); });
  // A thread that only waits can't be told to end.
  if (poll(table, watched.length, 200) <= 0) continue;
  watched.forEach((fd, index) => {
    if (fd !== pipe && table.readInt16LE(index * 8 + 6) & 1) serve(fd);
  });
  if (!(table.readInt16LE(6) & 1)) continue;
  readSync(pipe, word, 0, 8, null);
  const [what, listener] = [word.readInt32LE(0), word.readInt32LE(4)];
  if (what === ${watchWords.add}) listeners.set(listener, new Map());
  else if (what === ${watchWords.remove}) {
    parentPort.postMessage({ listener, links: listeners.get(listener) });
    listeners.delete(listener);
    close(listener);
  } else working = false;
}
`;
