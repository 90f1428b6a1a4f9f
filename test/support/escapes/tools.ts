// The programs that attempts use, as files of a context: perl of this machine with its libraries, and small ones of our own.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun } from '../run-command.ts';

/** x86-64. */
const calls: Readonly<Record<string, number>> = {
  ...{ ptrace: 101, syslog: 103, setpriority: 141, pivot_root: 155, acct: 163, mount: 165, swapon: 167 },
  ...{ reboot: 169, setdomainname: 171, iopl: 172, ioperm: 173, init_module: 175, delete_module: 176 },
  ...{ quotactl: 179, setxattr: 188, kexec_load: 246, add_key: 248, request_key: 249, keyctl: 250 },
  ...{ migrate_pages: 256, unshare: 272, fanotify_init: 300, setns: 308, finit_module: 313, socket: 41 },
  ...{ userfaultfd: 323, open_tree: 428, fsopen: 430, pidfd_open: 434, personality: 135, vhangup: 153 },
};

/** Makes one system call: `raw NAME-OR-NUMBER ARGUMENTS`; numbers are numbers. Ends with 0 where it did not fail. */
const raw = `#!/usr/bin/perl
my %calls = (${Object.entries(calls)
  .map(([name, number]) => `${name} => ${number}`)
  .join(', ')});
my ($name, @given) = @ARGV;
if ($name eq 'setns_path') { open(my $h, '<', $given[0]) or exit 1; exit(syscall(308, fileno($h), 0) == 0 ? 0 : 1) }
my $number = exists $calls{$name} ? $calls{$name} : $name =~ /^0x/ ? hex($name) : $name + 0;
my @args = map { /^-?\\d+$/ ? $_ + 0 : /^0x[0-9a-fA-F]+$/ ? hex($_) : $_ } @given;
my @strings = @args;
exit(syscall($number, @strings) == -1 ? 1 : 0);
`;

const escaped = '#!/bin/sh\nprintf "%s%s: %s %s\\n" ESC APED "$NAME" "$*"\n';

/** A static program that makes one call of the 32-bit ABI and ends with 0 where it did not fail: \`NAME NUMBER ARGUMENT\`. */
function int80(number: number, argument: number): Buffer {
  const code = Buffer.alloc(29);
  code.writeUInt8(0xb8, 0); // mov eax, number
  code.writeUInt32LE(number, 1);
  code.writeUInt8(0xbb, 5); // mov ebx, argument
  code.writeUInt32LE(argument, 6);
  // xor ecx, ecx; xor edx, edx; int 0x80; mov ebx, eax; shr ebx, 31 (an error is below 0); mov eax, 1 (exit); int 0x80
  Buffer.from('31c931d2cd8089c3c1eb1fb801000000cd80', 'hex').copy(code, 10);
  const header = Buffer.alloc(120);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(0x400078n, 24);
  header.writeBigUInt64LE(64n, 32);
  for (const [value, at] of [64, 56, 1].map((value, index) => [value, 52 + 2 * index] as const))
    header.writeUInt16LE(value, at);
  header.writeUInt32LE(1, 64);
  header.writeUInt32LE(5, 68);
  header.writeBigUInt64LE(0x400000n, 80);
  header.writeBigUInt64LE(0x400000n, 88);
  const size = BigInt(header.length + code.length);
  header.writeBigUInt64LE(size, 96);
  header.writeBigUInt64LE(size, 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, code]);
}

const compatibilityCalls = [
  [310, 0x10000000],
  [288, 0],
  [52, 0],
] as const;

export const userNamespaces = (): boolean =>
  existsSync('/proc/self/ns/user') &&
  readFileSync('/proc/sys/user/max_user_namespaces', 'utf8').trim() !== '0';

export const haveTools = existsSync('/usr/bin/perl') && process.arch === 'x64';

/** Puts them below `folder`, as they are to lie in an image. */
export async function writeTools(folder: string): Promise<void> {
  const put = (path: string, content: string | Buffer): void => {
    const host = join(folder, path);
    mkdirSync(dirname(host), { recursive: true });
    writeFileSync(host, content);
    chmodSync(host, 0o755);
  };
  const libraries = (await mustRun(['ldd', '/usr/bin/perl'])).match(/\/\S+/g) ?? [];
  for (const path of ['/usr/bin/perl', ...libraries]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(path, join(folder, path));
    chmodSync(join(folder, path), 0o755);
  }
  put('bin/raw', raw);
  put('bin/escaped', escaped);
  const cases = compatibilityCalls.map(([number]) => `  ${number}) exec /bin/int80-${number} ;;\n`).join('');
  put('bin/int80', `#!/bin/sh\ncase $1 in\n${cases}esac\nexit 1\n`);
  for (const [number, argument] of compatibilityCalls) put(`bin/int80-${number}`, int80(number, argument));
}
