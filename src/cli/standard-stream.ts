// Standard output and standard error, written to without Node's streams as long as little is written and no terminal is at the other
// end: loading those streams takes longer than planning a build does.
import { fstatSync, writeSync } from 'node:fs';
import type { OutputStream } from './session.ts';

/** Bytes that any pipe has room for (pipe(7)). Whoever writes more waits for the reader, and only Node's stream lets the program go on. */
const most = 16_384;
/** Of /dev/null and its like. */
const memoryDevices = 1;

export interface StandardStream {
  stream: OutputStream;
  /** Undefined: Node's stream was not needed. */
  opened(): NodeJS.WriteStream | undefined;
}

/** @param open gets Node's stream, where it has to be */
export function standardStream(fd: 1 | 2, open: () => NodeJS.WriteStream): StandardStream {
  let real: NodeJS.WriteStream | undefined;
  const opened = (): NodeJS.WriteStream => {
    real ??= open();
    return real;
  };
  if (mayBeTerminal(fd)) return { stream: opened(), opened };
  let room = most;

  /** Whatever can't be written now is Node's to write later, or to fail with. */
  const write = (chunk: string | Uint8Array, ...rest: []): boolean => {
    if (real !== undefined || typeof chunk !== 'string' || rest.length > 0)
      return opened().write(chunk, ...rest);
    const bytes = Buffer.from(chunk);
    room -= bytes.length;
    let written = 0;
    try {
      if (room >= 0) while (written < bytes.length) written += writeSync(fd, bytes, written);
    } catch {
      room = 0;
    }
    return written === bytes.length || opened().write(bytes.subarray(written));
  };

  const stream = new Proxy({} as NodeJS.WriteStream, {
    get(_, member) {
      if (member === 'write') return write;
      if (member === 'isTTY' || member === 'columns' || member === 'rows') return undefined;
      const value: unknown = Reflect.get(opened(), member);
      return typeof value === 'function' ? value.bind(opened()) : value;
    },
    set: (_, member, value) => Reflect.set(opened(), member, value),
    has: (_, member) => Reflect.has(opened(), member),
    getPrototypeOf: () => Reflect.getPrototypeOf(opened()),
  });
  return { stream, opened: () => real };
}

function mayBeTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev >> 8 !== memoryDevices;
  } catch {
    // A closed descriptor: Node knows what to do.
    return true;
  }
}
