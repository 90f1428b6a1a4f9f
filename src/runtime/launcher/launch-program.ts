// Programs for the launcher: system calls, what follows on their results, and the data that they point to. Pure.
import { SlipwayError } from '../../errors.ts';
import {
  type CallName,
  callWords,
  headerWords,
  type Machine,
  programBase,
  programLimit,
} from './machines.ts';

/** Something in the program's data, by its offset there. */
export interface Address {
  data: number;
}

/** A place in the program to go on at. */
export interface Label {
  call: number | undefined;
}

/** Leads to the end of the program: the launcher waits for the next one. */
export const startOver: Label = { call: -1 };

/** An argument of a call, which is filled in when the program runs. */
export interface Argument {
  call: number;
  argument: number;
}

/** An argument as a word is its address. */
export type Word = number | bigint | Address | Argument;

export interface CallOptions {
  /** What is being done, for the report of a failure. */
  what?: string;
  /** Where to go on after this very result; `-errno` for an error. */
  on?: { result: number; to: Label };
  /** Where to go on after an error: the next call with `next`; by default the failure is reported. */
  failed?: Label | 'next';
  /** Where the result goes besides. */
  into?: Argument | Address;
}

export interface LaunchProgram {
  readonly machine: Machine;
  call(name: CallName, args: readonly Word[], options?: CallOptions): void;
  /** An argument of the call that follows after `skipped` others. */
  argumentAhead(argument: number, skipped?: number): Argument;
  label(): Label;
  /** What is added next is where `label` leads. */
  place(label: Label): void;
  /** Bytes that end with a NUL. */
  text(value: string | Buffer): Address;
  bytes(value: Buffer): Address;
  /** Words that may be addresses. */
  words(list: readonly Word[]): Address;
  /** What a failed call was about, by the number that the launcher reports. */
  describe(place: number): { what: string; call: number };
  /** How many calls there are so far. */
  readonly length: number;
  /** @throws ERR_RUNTIME where it is too long */
  finish(): Buffer;
}

interface Call {
  number: number;
  args: readonly Word[];
  options: CallOptions;
}

const wordSize = 8;
const noResult = -(2n ** 63n);
const afterHeader = headerWords * wordSize;
const callSize = callWords * wordSize;

/**
 * A program in which a failure without a place to go on leads to `failure`: it has descriptor 3 told of the place and the
 * result, both as words, and ends.
 */
export function createLaunchProgram(machine: Machine): LaunchProgram {
  const calls: Call[] = [];
  const data: Buffer[] = [];
  const later: { at: number; word: Word }[] = [];
  const known = new Map<string, Address>();
  let size = 0;

  function bytes(value: Buffer): Address {
    const address = { data: size };
    const padding = -value.length & (wordSize - 1);
    data.push(value, Buffer.alloc(padding));
    size += value.length + padding;
    return address;
  }

  function text(value: string | Buffer): Address {
    const content = typeof value === 'string' ? Buffer.from(value) : value;
    if (content.includes(0)) {
      throw new SlipwayError('ERR_RUNTIME', `a step can't be given a NUL: ${JSON.stringify(`${value}`)}`, {
        hint: 'Leave it out of arguments, variables and paths.',
      });
    }
    const key = content.toString('latin1');
    let address = known.get(key);
    if (address === undefined) {
      address = bytes(Buffer.concat([content, Buffer.of(0)]));
      known.set(key, address);
    }
    return address;
  }

  const sink = bytes(Buffer.alloc(wordSize));
  const place = (call: number): number => programBase + afterHeader + call * callSize;

  function encode(total: number, failure: number): Buffer {
    const dataBase = programBase + afterHeader + total * callSize;
    const program = Buffer.alloc(afterHeader + total * callSize + size);
    const encodeWord = (word: Word): bigint => {
      if (typeof word !== 'object') return BigInt(word);
      if ('data' in word) return BigInt(dataBase + word.data);
      return BigInt(place(word.call) + (1 + word.argument) * wordSize);
    };
    program.writeBigUInt64LE(BigInt(program.length - wordSize), 0);
    for (const [index, { number, args, options }] of calls.entries()) {
      const at = afterHeader + index * callSize;
      const put = (word: number, value: bigint): void => {
        program.writeBigUInt64LE(BigInt.asUintN(64, value), at + word * wordSize);
      };
      const target = ({ call }: Label): bigint => (call === -1 ? 0n : BigInt(place(call!)));
      const { into = sink, on, failed } = options;
      put(0, BigInt(number));
      for (const [argument, word] of args.entries()) put(1 + argument, encodeWord(word));
      put(7, encodeWord(into));
      put(8, on === undefined ? noResult : BigInt(on.result));
      put(9, on === undefined ? 0n : target(on.to));
      if (failed === 'next') put(10, BigInt(place(index + 1)));
      else put(10, failed === undefined ? BigInt(place(failure)) : target(failed));
    }
    let at = afterHeader + total * callSize;
    for (const chunk of data) at += chunk.copy(program, at);
    for (const { at: offset, word } of later)
      program.writeBigUInt64LE(BigInt.asUintN(64, encodeWord(word)), dataBase - programBase + offset);
    return program;
  }

  const program: LaunchProgram = {
    machine,
    call(name, args, options = {}) {
      calls.push({ number: machine.calls[name], args, options });
    },
    argumentAhead: (argument, skipped = 0) => ({ call: calls.length + 1 + skipped, argument }),
    label: () => ({ call: undefined }),
    place(label) {
      label.call = calls.length;
    },
    text,
    bytes,
    words(list) {
      const address = bytes(Buffer.alloc(list.length * wordSize));
      for (const [index, word] of list.entries()) later.push({ at: address.data + index * wordSize, word });
      return address;
    },
    describe(at) {
      const call = (at - programBase - afterHeader) / callSize;
      return { what: calls[call]?.options.what ?? 'a system call', call };
    },
    get length() {
      return calls.length;
    },
    finish() {
      const failure = calls.length;
      const report = programBase + wordSize;
      program.call('write', [3, report, 2 * wordSize], { failed: 'next' });
      program.call('exit_group', [1], { failed: 'next' });
      const encoded = encode(calls.length, failure);
      if (encoded.length <= programLimit) return encoded;
      throw new SlipwayError('ERR_RUNTIME', 'the arguments and variables of a step are too long', {
        hint: 'Put large values into files.',
      });
    },
  };
  return program;
}
