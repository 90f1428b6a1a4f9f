// The launcher's machine code, run natively and, for the other architecture, by an emulator.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../../src/errors.ts';
import {
  createLaunchProgram,
  type LaunchProgram,
  startOver,
} from '../../../src/runtime/launcher/launch-program.ts';
import { launcherImage } from '../../../src/runtime/launcher/launcher-image.ts';
import { type Machine, machineOf } from '../../../src/runtime/launcher/machines.ts';
import { requireFeature } from '../../support/require-feature.ts';

const test = suite('launcher');
const emulators = { x64: '/usr/bin/qemu-x86_64-static', arm64: '/usr/bin/qemu-aarch64-static' };
let folder = '';

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
});
test.after(() => rmSync(folder, { recursive: true }));

/** What programs, run one after the other by one launcher, write to their descriptor 3, and its exit code. */
async function run(architecture: 'x64' | 'arm64', programs: readonly Buffer[]) {
  const path = join(folder, architecture);
  writeFileSync(path, launcherImage(machineOf(architecture)!), { mode: 0o700 });
  const native = architecture === process.arch;
  const words = native ? [path] : [emulators[architecture], path];
  const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const control = child.stdio[3] as Duplex;
  const chunks: Buffer[] = [];
  control.on('data', (chunk: Buffer) => chunks.push(chunk));
  control.on('error', () => {});
  for (const program of programs) control.write(program);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { told: Buffer.concat(chunks), code };
}

function programOf(machine: Machine, fill: (program: LaunchProgram) => void): Buffer {
  const program = createLaunchProgram(machine);
  fill(program);
  return program.finish();
}

/** A word that is told. */
const say = (program: LaunchProgram, word: string): void =>
  program.call('write', [3, program.text(word), word.length]);

for (const architecture of ['x64', 'arm64'] as const) {
  const machine = machineOf(architecture)!;
  const available = architecture === process.arch || existsSync(emulators[architecture]);
  const it = (title: string, body: () => Promise<void>): void => {
    test(`${architecture}: ${title}`, async () => {
      if (requireFeature(`programs for ${architecture}`, available)) await body();
    });
  };

  it('calls are made in their order, and a program may be followed by another', async () => {
    const first = programOf(machine, (program) => {
      say(program, 'one ');
      program.call('write', [3, program.text('two '), 4], { on: { result: 4, to: startOver } });
    });
    const second = programOf(machine, (program) => {
      say(program, 'three');
      program.call('exit_group', [7]);
    });
    const { told, code } = await run(architecture, [first, second]);
    assert.equal([told.toString(), code], ['one two three', 7]);
  });

  it('results lead where they are told to, and become arguments', async () => {
    const program = programOf(machine, (program) => {
      const { call, label, place } = program;
      const [known, missing, skipped] = [label(), label(), label()];
      call('getppid', [], { on: { result: process.pid, to: known } });
      say(program, 'someone else ');
      place(known);
      call('chdir', [program.text('/no/such folder')], {
        ...{ on: { result: -constants.errno.ENOENT, to: missing }, failed: skipped },
      });
      place(skipped);
      say(program, 'not this ');
      place(missing);
      call('chdir', [program.text('/no/such folder')], { failed: 'next' });
      say(program, 'went on ');
      const length = Buffer.alloc(8);
      length.writeUInt8(5);
      call('pipe2', [program.bytes(Buffer.alloc(8)), 0], { failed: 'next' });
      // What a call gives is the length of what the one after the next writes.
      call('write', [3, program.text('12345'), 5], { into: program.argumentAhead(2) });
      call('write', [3, program.text('abcdefgh'), 0]);
      call('exit_group', [0]);
    });
    const { told, code } = await run(architecture, [program]);
    assert.equal([told.toString(), code], ['went on 12345abcde', 0]);
  });

  it('a failure is told by its place and its number, and ends the launcher', async () => {
    const program = createLaunchProgram(machine);
    program.call('chdir', [program.text('/')]);
    program.call('chdir', [program.text('/no/such folder')], { what: 'entering a folder' });
    const { told, code } = await run(architecture, [program.finish()]);
    assert.is(code, 1);
    assert.is(told.length, 16);
    assert.equal(program.describe(Number(told.readBigInt64LE(0))), { what: 'entering a folder', call: 1 });
    assert.is(Number(told.readBigInt64LE(8)), -constants.errno.ENOENT);
  });

  it('a program that breaks off is not run', async () => {
    const whole = programOf(machine, (program) => {
      say(program, 'started');
      program.call('exit_group', [0]);
    });
    const path = join(folder, 'half');
    writeFileSync(path, launcherImage(machine), { mode: 0o700 });
    const words = architecture === process.arch ? [path] : [emulators[architecture], path];
    const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const control = child.stdio[3] as Duplex;
    let told = '';
    control.on('data', (chunk: Buffer) => {
      told += chunk;
    });
    control.end(whole.subarray(0, whole.length - 1));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    assert.equal([told, code], ['', 1]);
  });
}

test('a NUL within a text is refused', () => {
  const program = createLaunchProgram(machineOf('x64')!);
  try {
    program.text('a\0b');
    assert.unreachable();
  } catch (error) {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME' && error.hint);
  }
});

test('other machines have no launcher', () => {
  assert.is(machineOf('riscv64'), undefined);
});

test.run();
