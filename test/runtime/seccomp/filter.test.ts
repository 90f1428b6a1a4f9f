import { constants } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileFilter, encodeFilter, type Instruction } from '../../../src/runtime/seccomp/filter.ts';
import { lastCall, profileOf } from '../../../src/runtime/seccomp/profile.ts';

const test = suite('seccomp filter');
const { EPERM, ENOSYS } = constants.errno;
const [x64, i386, aarch64, arm] = [0xc000003e, 0x40000003, 0xc00000b7, 0x40000028];

interface Call {
  abi: number;
  number: number;
  /** The first argument, 64 bits. */
  argument?: bigint;
}

/** What the kernel would do: 0 allows, else the error. */
function interpret(program: readonly Instruction[], { abi, number, argument = 0n }: Call) {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(abi, 4);
  data.writeBigUInt64LE(BigInt.asUintN(64, argument), 16);
  let value = 0;
  let steps = 0;
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = program[at]!;
    steps++;
    const jump = (holds: boolean): void => {
      at += holds ? jt : jf;
    };
    if (code === 0x20) value = data.readUInt32LE(k);
    else if (code === 0x15) jump(value === k);
    else if (code === 0x25) jump(value > k);
    else if (code === 0x35) jump(value >= k);
    else if (code === 0x45) jump((value & k) !== 0);
    else if (code === 0x06) {
      assert.ok(k === 0x7fff0000 || k >>> 16 === 5, `${k}`);
      return { result: k === 0x7fff0000 ? 0 : k & 0xffff, steps };
    } else assert.unreachable(`instruction ${code}`);
  }
}

const programs = ['x64', 'arm64'].map((name) => ({ profile: profileOf(name)!, name }));
const resultOf = (machine: string, call: Call): number =>
  interpret(compileFilter(profileOf(machine)!), call).result;

test('every call up to the last has the rule of the profile, and is found in a few steps', () => {
  for (const { profile } of programs) {
    const program = compileFilter(profile);
    for (const { audit, rules } of profile) {
      for (let number = 0; number <= lastCall; number++) {
        const rule = rules.get(number) ?? { type: 'allow' };
        if (rule.type !== 'allow' && rule.type !== 'refuse') continue;
        const { result, steps } = interpret(program, { abi: audit, number });
        assert.is(result, rule.type === 'refuse' ? rule.errno : 0, `${number}`);
        assert.ok(steps < 16, `${steps} steps for ${number}`);
      }
    }
  }
});

test('what is newer than the profile, and what is of another ABI, does not exist', () => {
  for (const { profile } of programs) {
    const program = compileFilter(profile);
    for (const { audit } of profile) {
      for (const number of [lastCall + 1, 1000, 0x40000000, 0x40000001, 0x7fffffff, 0xffffffff])
        assert.is(interpret(program, { abi: audit, number }).result, ENOSYS);
    }
    for (const abi of [0, 0x40000016, 0xc00000f3])
      assert.is(interpret(program, { abi, number: 0 }).result, ENOSYS);
  }
  assert.is(resultOf('x64', { abi: aarch64, number: 0 }), ENOSYS);
  assert.is(resultOf('arm64', { abi: x64, number: 0 }), ENOSYS);
});

test('calls that ARM keeps apart are there', () => {
  const beyond = (number: number): number => resultOf('arm64', { abi: arm, number });
  assert.equal([0xf0001, 0xf0002, 0xf0005].map(beyond), [0, 0, 0]);
  assert.equal([0xf0003, 0xf0000, 0xf0006].map(beyond), [ENOSYS, ENOSYS, ENOSYS]);
});

test('a process is made without namespaces, and clone3 gives way to clone', () => {
  const clones: readonly (readonly [string, number, number])[] = [
    ['x64', x64, 56],
    ['x64', i386, 120],
    ['arm64', aarch64, 220],
    ['arm64', arm, 120],
  ];
  for (const [machine, abi, number] of clones) {
    const clone = (argument: bigint): number => resultOf(machine, { abi, number, argument });
    assert.is(clone(17n), 0);
    // What threads are made with.
    assert.is(clone(0x3d0f00n), 0);
    for (const flag of [0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, 0x10000000n, 0x20000000n, 0x40000000n])
      assert.is(clone(flag | 17n), EPERM);
    assert.is(resultOf(machine, { abi, number: 435 }), ENOSYS);
  }
});

test('personalities are those that programs ask for', () => {
  const ask = (argument: bigint): number => resultOf('x64', { abi: x64, number: 135, argument });
  assert.equal([0n, 8n, 0x20000n, 0x20008n, 0xffffffffn].map(ask), [0, 0, 0, 0, 0]);
  assert.equal([1n, 0x40000n, 0x400000n].map(ask), [EPERM, EPERM, EPERM]);
});

test('sockets are of families that containers have', () => {
  const open = (argument: bigint): number => resultOf('x64', { abi: x64, number: 41, argument });
  assert.equal([1n, 2n, 10n, 16n, 17n].map(open), [0, 0, 0, 0, 0]);
  assert.equal([38n, 40n, 46n, 0xffffffffn].map(open), [EPERM, EPERM, EPERM, EPERM]);
});

test('an instruction is eight bytes, as the kernel reads them', () => {
  assert.is(encodeFilter([{ code: 0x15, jt: 3, jf: 0, k: 0xc000003e }]).toString('hex'), '150003003e0000c0');
});

test('other machines have no profile', () => {
  assert.is(profileOf('riscv64'), undefined);
});

test.run();
