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

/** What stands for a value that finish() is given: its address. */
export interface Slot {
  slot: string;
}

/** Text, or a list of texts: words that are their addresses, and a 0. */
export type SlotValue = string | Buffer | readonly string[];

/** An argument as a word is its address. */
export type Word = number | bigint | Address | Argument | Slot;

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
  /** Nothing is added after the first time; each time may give other values. @throws ERR_RUNTIME where it is too long, or a value has a NUL */
  finish(values?: Readonly<Record<string, SlotValue>>): Buffer;
}

interface Call {
  number: number;
  args: readonly Word[];
  options: CallOptions;
}

/** A finished program without its values. */
interface Template {
  bytes: Buffer<ArrayBuffer>;
  slots: { at: number; name: string }[];
}

const wordSize = 8;
const aligned = (length: number): number => (length + wordSize - 1) & -wordSize;

/** Writes a word; both machines store the lower half first. */
function putWord(halves: Int32Array, at: number, value: number): void {
  halves[at >> 2] = value;
  halves[(at >> 2) + 1] = Math.floor(value / 2 ** 32);
}

function checkText(value: string | Buffer): void {
  if (!value.includes('\0')) return;
  throw new SlipwayError('ERR_RUNTIME', `a step can't be given a NUL: ${JSON.stringify(`${value}`)}`, {
    hint: 'Leave it out of arguments, variables and paths.',
  });
}

/** What no call gives: results and errors are smaller. */
const noResult = -(2 ** 52);
const afterHeader = headerWords * wordSize;
const callSize = callWords * wordSize;

/** The values come after all the rest. */
function fill({ bytes, slots }: Template, values: Readonly<Record<string, SlotValue>>): Buffer {
  const texts: { at: number; text: string | Buffer }[] = [];
  const pointers: { at: number; to: number }[] = [];
  const places = new Map<string, number>();
  let end = bytes.length;
  const add = (text: string | Buffer): number => {
    checkText(text);
    const at = end;
    texts.push({ at, text });
    end += aligned(Buffer.byteLength(text) + 1);
    return at;
  };
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string' || Buffer.isBuffer(value)) {
      places.set(name, add(value));
      continue;
    }
    const list = end;
    end += (value.length + 1) * wordSize;
    for (const [index, text] of value.entries())
      pointers.push({ at: list + index * wordSize, to: add(text) });
    places.set(name, list);
  }
  const filled = Buffer.from(new ArrayBuffer(end));
  const halves = new Int32Array(filled.buffer);
  bytes.copy(filled);
  putWord(halves, 0, end - wordSize);
  for (const { at, text } of texts) {
    if (typeof text === 'string') filled.write(text, at);
    else text.copy(filled, at);
  }
  for (const { at, to } of pointers) putWord(halves, at, programBase + to);
  for (const { at, name } of slots) putWord(halves, at, programBase + places.get(name)!);
  return filled;
}

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
    size += aligned(length);
    return address;
  }

  function text(value: string | Buffer): Address {
    checkText(value);
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

  function encode(total: number, failure: number): Template {
    const dataOffset = afterHeader + total * callSize;
    const encoded = Buffer.from(new ArrayBuffer(dataOffset + size));
    const halves = new Int32Array(encoded.buffer);
    const slots: Template['slots'] = [];
    const put = (at: number, word: Word): void => {
      if (typeof word === 'bigint') encoded.writeBigUInt64LE(BigInt.asUintN(64, word), at);
      else if (typeof word === 'number') putWord(halves, at, word);
      else if ('slot' in word) slots.push({ at, name: word.slot });
      else putWord(halves, at, resolve(word));
    };
    const resolve = (word: Address | Argument): number => {
      if ('data' in word) return programBase + dataOffset + word.data;
      return place(word.call) + (1 + word.argument) * wordSize;
    };
    const target = ({ call }: Label): number => (call === -1 ? 0 : place(call!));
    let at = afterHeader;
    for (const [index, { number, args, options }] of calls.entries()) {
      const { into = sink, on, failed } = options;
      put(at, number);
      for (let argument = 0; argument < args.length; argument++)
        put(at + (1 + argument) * wordSize, args[argument]!);
      put(at + 7 * wordSize, into);
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
    for (const { at: offset, word } of later) put(dataOffset + offset, word);
    return { bytes: encoded, slots };
  }

  let template: Template | undefined;

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
    finish(values = {}) {
      if (template === undefined) {
        const failure = calls.length;
        const report = programBase + wordSize;
        program.call('write', [3, report, 2 * wordSize], { failed: 'next' });
        program.call('exit_group', [1], { failed: 'next' });
        template = encode(calls.length, failure);
      }
      const encoded = fill(template, values);
      if (encoded.length <= programLimit) return encoded;
      throw new SlipwayError('ERR_RUNTIME', 'the arguments and variables of a step are too long', {
        hint: 'Put large values into files.',
      });
    },
  };
  return program;
}
