// Of a step's command: the program that the kernel is asked to run, and for which machine it is made.
import { closeSync, openSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import type { Tree } from '../seams.ts';
import { resolvePath } from '../tree/resolve.ts';

/** As much as the kernel looks at (BINPRM_BUF_SIZE). */
const headSize = 256;
/** Scripts that name a script that names … */
const deepest = 4;

export interface Program {
  /** In the step's root. */
  path: string;
  /** The first bytes. */
  head: Buffer;
}

/** Machines of ELF (e_machine), by their names in platforms. */
const machines: Readonly<Record<number, string>> = {
  3: '386',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv',
  258: 'loong64',
};

/** The name of the machine that an ELF program is for; undefined of anything else. */
export function machineOf(head: Buffer): string | undefined {
  if (head.length < 20 || head.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const little = head[5] === 1;
  const number = little ? head.readUInt16LE(18) : head.readUInt16BE(18);
  const name = machines[number];
  const wide = head[4] === 2;
  if (name === 'mips') return `mips${wide ? '64' : ''}${little ? 'le' : ''}`;
  if (name === 'ppc64') return little ? 'ppc64le' : 'ppc64';
  if (name === 'riscv') return wide ? 'riscv64' : 'riscv32';
  return name ?? `ELF machine ${number}`;
}

function readHead(tree: Tree, path: string): Program | undefined {
  const file = resolvePath(tree, path, { followLast: true });
  if (tree.lstat(file)?.type !== 'file') return undefined;
  const descriptor = openSync(tree.hostPath(file), 'r');
  try {
    const head = Buffer.alloc(headSize);
    return { path: file, head: head.subarray(0, readSync(descriptor, head, 0, headSize, 0)) };
  } finally {
    closeSync(descriptor);
  }
}

/** As execvp(3) looks for it; scripts lead to what runs them. Undefined where it is not found. */
export function findProgram(
  tree: Tree,
  command: { name: string; path: string; cwd: string },
): Program | undefined {
  const { name, path, cwd } = command;
  const places = name.includes('/') ? [name] : path.split(':').map((folder) => posix.join(folder, name));
  let program: Program | undefined;
  for (const place of places) program ??= readHead(tree, posix.resolve(cwd, place));
  for (let depth = 0; depth < deepest && program; depth++) {
    const interpreter = /^#![ \t]*([^ \t\r\n]+)/.exec(program.head.toString('latin1'))?.[1];
    if (interpreter === undefined) return program;
    program = readHead(tree, posix.resolve(cwd, interpreter));
  }
  return program;
}
