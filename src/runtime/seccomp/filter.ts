// Profiles as programs of classic BPF (kernel documentation: seccomp_filter.rst). Pure.
import { constants } from 'node:os';
import { type AbiProfile, lastCall, type Rule } from './profile.ts';

export interface Instruction {
  code: number;
  /** How many instructions to skip where the comparison holds, and where it does not. */
  jt: number;
  jf: number;
  k: number;
}

const load = 0x20;
const isEqual = 0x15;
const isGreater = 0x25;
const isAtLeast = 0x35;
const hasBits = 0x45;
const end = 0x06;
const skip = 0x05;
/** Of a comparison. */
const longestSkip = 255;
/** Places in struct seccomp_data: the number of the call, the ABI, the lower half of the first argument. */
const [callNumber, callAbi, firstArgument] = [0, 4, 16];

const { EPERM, ENOSYS } = constants.errno;
const allow: Instruction = { code: end, jt: 0, jf: 0, k: 0x7fff0000 };
const refuse = (errno: number): Instruction => ({ code: end, jt: 0, jf: 0, k: 0x50000 | errno });
const loadFrom = (place: number): Instruction => ({ code: load, jt: 0, jf: 0, k: place });

/** `then` where the comparison holds, else `otherwise`. */
function branch(code: number, k: number, then: Instruction[], otherwise: Instruction[]): Instruction[] {
  if (otherwise.length > longestSkip) {
    const over: Instruction = { code: skip, jt: 0, jf: 0, k: otherwise.length };
    return [{ code, jt: 0, jf: 1, k }, over, ...otherwise, ...then];
  }
  return [{ code, jt: otherwise.length, jf: 0, k }, ...otherwise, ...then];
}

const isAny = (values: readonly number[], then: Instruction[], otherwise: Instruction[]): Instruction[] =>
  values.reduceRight((rest, value) => branch(isEqual, value, then, rest), otherwise);

/** What decides on a call whose number is loaded. */
function decide(rule: Rule): Instruction[] {
  const no = [refuse(EPERM)];
  switch (rule.type) {
    case 'allow':
      return [allow];
    case 'refuse':
      return [refuse(rule.errno)];
    case 'without bits':
      return [loadFrom(firstArgument), ...branch(hasBits, rule.mask, no, [allow])];
    case 'one of':
      return [loadFrom(firstArgument), ...isAny(rule.values, [allow], no)];
    case 'none of':
      return [loadFrom(firstArgument), ...branch(isGreater, rule.last, no, isAny(rule.values, no, [allow]))];
  }
}

/** Looks a number up by halves: a call costs eight comparisons, wherever it stands. */
function search(starts: readonly { from: number; rule: Rule }[]): Instruction[] {
  if (starts.length === 1) return decide(starts[0]!.rule);
  const middle = starts.length >> 1;
  const [lower, upper] = [starts.slice(0, middle), starts.slice(middle)];
  return branch(isAtLeast, upper[0]!.from, search(upper), search(lower));
}

const same = (a: Rule, b: Rule): boolean =>
  a === b || (a.type === 'refuse' && b.type === 'refuse' && a.errno === b.errno);

function decideAbi({ rules, beyond }: AbiProfile): Instruction[] {
  const allowed: Rule = { type: 'allow' };
  const starts: { from: number; rule: Rule }[] = [];
  for (let number = 0; number <= lastCall; number++) {
    const rule = rules.get(number) ?? allowed;
    if (starts.length === 0 || !same(starts.at(-1)!.rule, rule)) starts.push({ from: number, rule });
  }
  const newer = isAny(beyond, [allow], [refuse(ENOSYS)]);
  return [loadFrom(callNumber), ...branch(isGreater, lastCall, newer, search(starts))];
}

/** Calls in other ABIs than these do not exist for the process. */
export function compileFilter(abis: readonly AbiProfile[]): Instruction[] {
  const decided = abis.reduceRight<Instruction[]>(
    (rest, abi) => branch(isEqual, abi.audit, decideAbi(abi), rest),
    [refuse(ENOSYS)],
  );
  return [loadFrom(callAbi), ...decided];
}

/** As struct sock_filter, of machines that store the lower byte first. */
export function encodeFilter(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  for (const [index, { code, jt, jf, k }] of instructions.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}
