// Sys through getfattr, setfattr, mknod and touch, for machines without koffi: right, but milliseconds a call.
import { spawnSync } from 'node:child_process';
import { lstatSync, lutimesSync } from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import { decodeName, encodePath } from './path-bytes.ts';
import type { Sys } from './sys.ts';

const packages: Record<string, string> = {
  getfattr: 'attr',
  setfattr: 'attr',
  mknod: 'coreutils',
  touch: 'coreutils',
  xargs: 'findutils',
};

/** @throws ERR_UNSUPPORTED from each call whose command is missing. */
export function createCommandSys(): Sys {
  return {
    getXattr: (path, name) => readXattrs(path).get(name),
    listXattr: (path) => [...readXattrs(path).keys()].sort(),
    setXattr(path, name, value) {
      run('setfattr', ['-h', '-n', name, '-v', `0x${value.toString('hex')}`, '--', path]);
    },
    removeXattr(path, name) {
      run('setfattr', ['-h', '-x', name, '--', path]);
    },
    mknod(path, node) {
      const mode = (node.mode & 0o7777).toString(8);
      const kind =
        node.type === 'fifo' ? ['p'] : [node.type === 'char' ? 'c' : 'b', `${node.major}`, `${node.minor}`];
      run('mknod', ['-m', mode, '--', path, ...kind]);
    },
    setTimes(path, mtime) {
      if (mtime % 1_000_000_000n === 0n) {
        // A Date, because Node takes a negative number for now.
        const time = new Date(Number(mtime / 1_000_000n));
        lutimesSync(encodePath(path), time, time);
        return;
      }
      run('touch', ['-h', '-c', '-d', `@${decimal(mtime)}`, '--', path]);
    },
  };
}

/** All attributes of a file: getfattr quotes names with octal escapes and gives values in hex. */
function readXattrs(path: string): Map<string, Buffer> {
  lstatSync(encodePath(path));
  const output = run('getfattr', ['-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', '--', path]);
  const attributes = new Map<string, Buffer>();
  for (const line of output.toString('latin1').split('\n')) {
    const match = /^([^#=][^=]*)(?:=0x([0-9a-fA-F]*))?$/.exec(line);
    if (match) attributes.set(unquote(match[1]!), Buffer.from(match[2] ?? '', 'hex'));
  }
  return attributes;
}

function unquote(name: string): string {
  const bytes = name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return decodeName(Buffer.from(bytes, 'latin1'));
}

function decimal(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0');
  return `${nanoseconds < 0n ? '-' : ''}${size / 1_000_000_000n}.${fraction}`;
}

/** Runs a command; arguments that are no UTF-8 reach it through xargs, since Node passes text only. */
function run(command: string, args: string[]): Buffer {
  const encoded = args.map(encodePath);
  const plain = encoded.every((argument) => typeof argument === 'string');
  const result = plain
    ? spawnSync(command, args)
    : spawnSync('xargs', ['-0', command], {
        input: Buffer.concat(encoded.flatMap((argument) => [Buffer.from(argument), Buffer.of(0)])),
      });
  if (systemCode(result.error) === 'ENOENT' || result.status === 127) {
    throw new SlipwayError('ERR_UNSUPPORTED', `neither koffi nor the command ${command} is there`, {
      hint: `apt-get install ${packages[command]}, or install slipway with its optional dependencies`,
      cause: result.error,
    });
  }
  if (result.error) throw result.error;
  if (result.status !== 0) throw commandError(command, args, result.stderr.toString());
  return result.stdout;
}

const messages: [RegExp, string][] = [
  [/No such file/, 'ENOENT'],
  [/not supported/, 'ENOTSUP'],
  [/not permitted/, 'EPERM'],
  [/Permission denied/, 'EACCES'],
  [/File exists/, 'EEXIST'],
  [/No such attribute/, 'ENODATA'],
  [/No space left/, 'ENOSPC'],
];

function commandError(command: string, args: string[], stderr: string): Error {
  const code = messages.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'EIO';
  return Object.assign(new Error(`${code}: ${command} ${args.join(' ')}: ${stderr.trim()}`), { code });
}
