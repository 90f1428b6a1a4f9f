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
/** What no call gives: results and errors are smaller. */
const noResult = -(2 ** 52);
const afterHeader = headerWords * wordSize;
const callSize = callWords * wordSize;

/**
 * A program in which a failure without a place to go on leads to `failure`: it has descriptor 3 told of the place and the
 * result, both as words, and ends.
 */
export function createLaunchProgram(machine: Machine): LaunchProgram {
  const calls: Call[] = [];
  const data: { at: number; content: string | Buffer }[] = [];
  const later: { at: number; word: Word }[] = [];
  const known = new Map<string, Address>();
  let size = 0;

  function add(content: string | Buffer, length: number): Address {
    const address = { data: size };
    data.push({ at: size, content });
    size += (length + wordSize - 1) & -wordSize;
    return address;
  }

  function text(value: string | Buffer): Address {
    if (value.includes('\0')) {
      throw new SlipwayError('ERR_RUNTIME', `a step can't be given a NUL: ${JSON.stringify(`${value}`)}`, {
        hint: 'Leave it out of arguments, variables and paths.',
      });
    }
    if (typeof value !== 'string') return add(value, value.length + 1);
    let address = known.get(value);
    if (address === undefined) {
      address = add(value, Buffer.byteLength(value) + 1);
      known.set(value, address);
    }
    return address;
  }

  const bytes = (value: Buffer): Address => add(value, value.length);
  const sink = bytes(Buffer.alloc(wordSize));
  const place = (call: number): number => programBase + afterHeader + call * callSize;

  function encode(total: number, failure: number): Buffer {
    const dataOffset = afterHeader + total * callSize;
    const encoded = Buffer.from(new ArrayBuffer(dataOffset + size));
    // A step has some three thousand words, and both machines store the lower half first.
    const halves = new Int32Array(encoded.buffer);
    const put = (at: number, value: number | bigint): void => {
      if (typeof value === 'bigint') encoded.writeBigUInt64LE(BigInt.asUintN(64, value), at);
      else {
        halves[at >> 2] = value;
        halves[(at >> 2) + 1] = Math.floor(value / 2 ** 32);
      }
    };
    const resolve = (word: Word): number | bigint => {
      if (typeof word !== 'object') return word;
      if ('data' in word) return programBase + dataOffset + word.data;
      return place(word.call) + (1 + word.argument) * wordSize;
    };
    const target = ({ call }: Label): number => (call === -1 ? 0 : place(call!));
    put(0, encoded.length - wordSize);
    let at = afterHeader;
    for (const [index, { number, args, options }] of calls.entries()) {
      const { into = sink, on, failed } = options;
      put(at, number);
      for (let argument = 0; argument < args.length; argument++)
        put(at + (1 + argument) * wordSize, resolve(args[argument]!));
      put(at + 7 * wordSize, resolve(into));
      put(at + 8 * wordSize, on === undefined ? noResult : on.result);
      if (on !== undefined) put(at + 9 * wordSize, target(on.to));
      const next = failed === 'next' ? place(index + 1) : failed && target(failed);
      put(at + 10 * wordSize, next ?? place(failure));
      at += callSize;
    }
    for (const { at: offset, content } of data) {
      if (typeof content === 'string') encoded.write(content, dataOffset + offset);
      else content.copy(encoded, dataOffset + offset);
    }
    for (const { at: offset, word } of later) put(dataOffset + offset, resolve(word));
    return encoded;
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
