import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError, type SlipwayError } from '../../src/errors.ts';
import { handlerFor, parseHandler, readHandlers } from '../../src/runtime/binfmt.ts';
import { checkProgram, isForeign } from '../../src/runtime/check-program.ts';
import { machineOf } from '../../src/runtime/program-format.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { arm64Program } from '../support/arm64-program.ts';

const test = suite('programs of other machines');
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
let folder = '';

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'program-'));
});
test.after.each(() => rmSync(folder, { recursive: true }));

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const qemu = (flags: string, interpreter = '/usr/bin/qemu-aarch64-static'): string =>
  `enabled\ninterpreter ${interpreter}\nflags: ${flags}\noffset 0\n` +
  'magic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n';

const handlers = (flags: string) => [parseHandler('qemu-aarch64', qemu(flags))!];

function check(argv: string[], known = handlers('')): SlipwayError | undefined {
  const step = { root: createDirectoryTree(folder), argv, path: '/usr/bin:/bin', cwd: '/srv' };
  try {
    checkProgram({ ...step, platform: arm64 }, amd64, known);
    return undefined;
  } catch (error) {
    assert.ok(isSlipwayError(error), `${error}`);
    return error;
  }
}

test('the machine of a program stands in its head', () => {
  assert.is(machineOf(arm64Program()), 'arm64');
  const head = (machine: number, wide: boolean, little: boolean): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.write(`\x7fELF${wide ? '\x02' : '\x01'}${little ? '\x01' : '\x02'}`, 'latin1');
    bytes.writeUInt8(machine, little ? 18 : 19);
    return bytes;
  };
  assert.equal(
    [
      machineOf(head(62, true, true)),
      machineOf(head(21, true, true)),
      machineOf(head(22, true, false)),
      machineOf(head(8, true, true)),
      machineOf(head(243, true, true)),
    ],
    ['amd64', 'ppc64le', 's390x', 'mips64le', 'riscv64'],
  );
  assert.is(machineOf(Buffer.from('#!/bin/sh\n')), undefined);
  assert.is(machineOf(Buffer.from('\x7fELF')), undefined);
});

test('without a handler the error names program, machine and both remedies', () => {
  put('usr/bin/tool', arm64Program());
  const error = check(['tool'], []);
  assert.is(error?.code, 'ERR_PLATFORM');
  assert.match(error?.message ?? '', /linux\/arm64 can't run here: \/usr\/bin\/tool is for arm64.*amd64/);
  assert.match(error?.hint ?? '', /qemu-user-static binfmt-support.*FROM --platform=\$BUILDPLATFORM/);
});

test('a handler with F serves any root; without it the interpreter must be in the root', () => {
  put('bin/sh', arm64Program());
  assert.is(check(['/bin/sh'], handlers('OCF')), undefined);
  const error = check(['/bin/sh']);
  assert.match(error?.message ?? '', /qemu-aarch64-static is not in the image/);
  assert.match(error?.hint ?? '', /flag F/);
  put('opt/qemu', 'x');
  mkdirSync(join(folder, 'usr/bin'), { recursive: true });
  symlinkSync('/opt/qemu', join(folder, 'usr/bin/qemu-aarch64-static'));
  assert.is(check(['/bin/sh']), undefined);
});

test('links and scripts lead to the program that counts', () => {
  put('bin/real', arm64Program());
  symlinkSync('real', join(folder, 'bin/sh'));
  put('srv/run.sh', '#! /bin/sh -e\necho\n');
  assert.match(check(['./run.sh'], [])?.message ?? '', '/bin/real is for arm64');
});

test('what this machine runs, what is no program and what is not there is left to the kernel', () => {
  put(
    'bin/own',
    Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(11), Buffer.from([62, 0])]),
  );
  put('bin/text', 'plain');
  put('bin/loop', '#!/bin/loop\n');
  mkdirSync(join(folder, 'bin/folder'));
  for (const name of ['own', 'text', 'loop', 'folder', 'missing'])
    assert.is(check([name], []), undefined, name);
  assert.is(check([], []), undefined);
});

test('the platforms that a kernel may run besides its own are not foreign', () => {
  const foreign = (local: string, platform: string): boolean =>
    isForeign({ os: 'linux', architecture: platform }, { os: 'linux', architecture: local });
  assert.equal(
    [foreign('amd64', '386'), foreign('amd64', 'amd64'), foreign('amd64', 'arm64')],
    [false, false, true],
  );
  assert.equal(
    [foreign('arm64', 'arm'), foreign('arm', 'arm64'), foreign('s390x', 's390x')],
    [false, true, false],
  );
});

test('handlers are read from the kernel’s files; those switched off and those by extension do not count', () => {
  put('status', 'enabled\n');
  put('register', '');
  put('qemu-aarch64', qemu('OCF'));
  put('qemu-arm', qemu('F').replace('enabled', 'disabled'));
  put('jar', 'enabled\ninterpreter /usr/bin/java\nflags: \nextension .jar\n');
  const found = readHandlers(folder) ?? [];
  assert.equal(
    found.map(({ name, fixed }) => [name, fixed]),
    [['qemu-aarch64', true]],
  );
  assert.is(handlerFor(found, arm64Program())?.name, 'qemu-aarch64');
  // A byte that the mask leaves out may differ, another may not.
  assert.is(handlerFor(found, arm64Program('x')), undefined);
  put('status', 'disabled\n');
  assert.equal(readHandlers(folder), []);
  assert.is(readHandlers(join(folder, 'none')), undefined);
  put('odd', 'enabled\ninterpreter /x\nmagic zz\n');
  assert.equal(
    handlerFor([parseHandler('odd', 'enabled\ninterpreter /x\noffset 999\nmagic 7f\n')!], arm64Program()),
    undefined,
  );
});

test.run();
