// Interpreters that the kernel starts for programs of other machines (kernel documentation: binfmt-misc.rst).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BinfmtHandler {
  name: string;
  interpreter: string;
  /** F: the interpreter was opened when it was registered; it need not be in a step's root. */
  fixed: boolean;
  offset: number;
  magic: Buffer;
  mask: Buffer;
}

/** Reads one entry; undefined where it is switched off, goes by the file's name, or is none. */
export function parseHandler(name: string, text: string): BinfmtHandler | undefined {
  const field = (key: string): string | undefined =>
    new RegExp(`^${key}:? (.*)$`, 'm').exec(text)?.[1]?.trim();
  const [interpreter, magic] = [field('interpreter'), field('magic')];
  if (!/^enabled$/m.test(text) || !interpreter || !magic) return undefined;
  const bytes = Buffer.from(magic, 'hex');
  const mask = Buffer.from(field('mask') ?? '', 'hex');
  return {
    name,
    interpreter,
    fixed: (field('flags') ?? '').includes('F'),
    offset: Number(field('offset') ?? 0),
    magic: bytes,
    mask: mask.length === bytes.length ? mask : Buffer.alloc(bytes.length, 0xff),
  };
}

/** The handlers of this kernel; undefined where they can't be looked at from here, which does not say that there are none. */
export function readHandlers(folder = '/proc/sys/fs/binfmt_misc'): BinfmtHandler[] | undefined {
  try {
    const status = readFileSync(join(folder, 'status'), 'utf8').trim();
    if (status !== 'enabled') return [];
    return readdirSync(folder)
      .filter((name) => name !== 'register' && name !== 'status')
      .flatMap((name) => parseHandler(name, readFileSync(join(folder, name), 'utf8')) ?? []);
  } catch {
    return undefined;
  }
}

/** The handler that the kernel would take for a program with these first bytes. */
export function handlerFor(handlers: readonly BinfmtHandler[], head: Buffer): BinfmtHandler | undefined {
  return handlers.find(
    ({ offset, magic, mask }) =>
      head.length >= offset + magic.length &&
      magic.every((byte, index) => ((byte ^ head[offset + index]!) & mask[index]!) === 0),
  );
}
