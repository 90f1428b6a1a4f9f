// The processes between the builder and a step's command, as a part of every launcher program.
//
//   builder ── keeper ── init ── what `inside` does
//
// The keeper serves one step after the other; it dies with the builder's thread, and init with the keeper. Init is process 1 of a pid namespace: with it the
// kernel ends whatever runs below. Neither gives up root, as that would make the kernel forget whom they die with.
import { type Label, type LaunchProgram, startOver } from './launch-program.ts';

const closeOnExec = 0o2000000;
const nonBlocking = 0o4000;
export const deathSignal = 1;
const kill = 9;
export const childSignal = 17;
const tryAgain = -11;
export const detachTracee = 17;
export const control = 3;

/** Flags of clone(2) and unshare(2). */
export const namespaces = {
  ...{ mount: 0x20000, cgroup: 0x2000000, uts: 0x4000000, ipc: 0x8000000, pid: 0x20000000 },
  network: 0x40000000,
} as const;

/** Words that begin what the launcher tells; every other word is the place of a failed call. */
export const messages = { init: 1, ready: 2, status: 3, format: 4, done: 5, listener: 6 } as const;

/** Descriptors by number: the launcher has no others below these, so the kernel gives them in this order. */
export interface PipeNumbers {
  stdout: { read: number; write: number };
  stderr: { read: number; write: number };
  stdin: { read: number; write: number } | undefined;
  /** The first descriptor that is free in the step. */
  free: number;
}

export function pipeNumbers(hasInput: boolean): PipeNumbers {
  const pair = (first: number) => ({ read: first, write: first + 1 });
  return {
    ...{ stdout: pair(4), stderr: pair(6), stdin: hasInput ? pair(8) : undefined },
    free: hasInput ? 10 : 8,
  };
}

export const words = (...values: number[]): Buffer => {
  const buffer = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) buffer.writeBigInt64LE(BigInt(value), index * 8);
  return buffer;
};

/** Tells the builder a word and its value. */
export function tell(program: LaunchProgram, message: number): void {
  program.call('write', [control, program.bytes(words(message, 0)), 16], { failed: 'next' });
}

export interface FrameOptions {
  /** The process id of the builder, which starts the launcher. */
  builder: number;
  hasInput: boolean;
  /** Flags of clone(2) for namespaces that init is in, besides its pid namespace. */
  initFlags: number;
  /** The same for `inside`. */
  insideFlags: number;
  /** What init does before it starts what is inside. */
  prepare?: () => void;
  /** Ends in an exec, or in `failed`. */
  inside(failed: Label): void;
  /** What init does when that has ended. */
  after?: () => void;
}

/** Where a frame goes on. */
export interface FrameLabels {
  init: Label;
  /** A process ends there that no one waits for any more. */
  gone: Label;
}

/** Adds what the keeper does, from the launcher's first call on; init begins where it says. */
export function addKeeper(
  program: LaunchProgram,
  options: Pick<FrameOptions, 'builder' | 'hasInput' | 'initFlags'>,
): FrameLabels {
  const { call, label, place, bytes } = program;
  const { hasInput } = options;
  const numbers = pipeNumbers(hasInput);
  const pair = bytes(words(0));
  const [init, gone] = [label(), label()];
  const started = bytes(words(messages.init, 0));
  const byte = bytes(words(0));

  // What a builder's own parent left open ends here.
  call('close_range', [4, 0xffffffff, 0], { what: 'close_range' });
  call('prctl', [deathSignal, kill], { what: 'prctl' });
  const living = label();
  call('getppid', [], { on: { result: options.builder, to: living } });
  place(gone);
  call('exit_group', [1], { failed: 'next' });
  place(living);
  for (let count = hasInput ? 3 : 2; count > 0; count--)
    call('pipe2', [pair, closeOnExec], { what: 'pipe2' });
  call('pipe2', [pair, closeOnExec | nonBlocking], { what: 'pipe2' });
  call('fcntl', [control, 2, 1], { what: 'fcntl' });
  call('clone', [childSignal | options.initFlags], {
    ...{ what: 'making a pid namespace', on: { result: 0, to: init } },
    into: { data: started.data + 8 },
  });
  call('write', [control, started, 16], { failed: gone });
  // The builder has opened its ends of the pipes.
  call('recvfrom', [control, byte, 1, 0, 0, 0], { failed: gone });
  call('close_range', [4, numbers.free - 1, 0], { failed: gone });
  call('wait4', [-1, 0, 0, 0], { failed: 'next' });
  const done = bytes(words(messages.done, 0));
  call('write', [control, done, 16], { on: { result: 16, to: startOver }, failed: gone });
  return { init, gone };
}

/** Init ends where the keeper has ended before it could hear of that. */
export function checkKeeper(program: LaunchProgram, hasInput: boolean, gone: Label): void {
  const { call, label, place, bytes } = program;
  const { free } = pipeNumbers(hasInput);
  const alive = { read: free, write: free + 1 };
  call('close', [alive.write], { what: 'close' });
  const kept = label();
  call('read', [alive.read, bytes(words(0)), 1], { on: { result: tryAgain, to: kept }, failed: gone });
  call('exit_group', [1], { failed: 'next' });
  place(kept);
  call('close', [alive.read], { what: 'close' });
}

/** Adds everything from the launcher's first call to its exit. */
export function addFrame(program: LaunchProgram, options: FrameOptions): void {
  const { call, label, place, bytes } = program;
  const numbers = pipeNumbers(options.hasInput);
  const { init, gone } = addKeeper(program, options);
  const inside = label();
  const ended = bytes(words(messages.status, 0));

  place(init);
  call('prctl', [deathSignal, kill], { what: 'prctl' });
  checkKeeper(program, options.hasInput, gone);
  options.prepare?.();
  call('clone', [childSignal | options.insideFlags], {
    ...{ what: 'making namespaces', on: { result: 0, to: inside } },
    into: program.argumentAhead(0, 1),
  });
  call('close_range', [4, numbers.free - 1, 0], { what: 'close_range' });
  const wait = label();
  place(wait);
  call('wait4', [0, { data: ended.data + 8 }, 0, 0], { what: 'wait4', into: program.argumentAhead(1) });
  // A command may ask to be traced by its parent, which then hears of every signal.
  call('ptrace', [detachTracee, 0, 0, 0], { on: { result: 0, to: wait }, failed: 'next' });
  options.after?.();
  call('write', [control, ended, 16], { failed: 'next' });
  call('exit_group', [0], { failed: 'next' });

  place(inside);
  // Signals to its own group would reach those above.
  call('setsid', [], { what: 'setsid' });
  options.inside(gone);
}
