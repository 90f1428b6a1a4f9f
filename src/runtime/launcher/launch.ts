// Has a launcher run a program, and gathers what it tells.
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { SlipwayError } from '../../errors.ts';
import type { SendSignal, StepIO } from '../../seams.ts';
import { tracePhases } from '../../trace.ts';
import { feed } from '../step-input.ts';
import { passOutput } from '../step-output.ts';
import { signalSender } from '../step-signal.ts';
import type { Keeper } from './keeper.ts';
import { messages, type PipeNumbers, pipeNumbers } from './launch-frame.ts';
import type { Machine } from './machines.ts';

/** What the launcher told. */
export interface LaunchOutcome {
  /** As wait4(2) gives it; undefined where there was no command to wait for. */
  status: number | undefined;
  /** Calls that failed: their places in the program, and the results. */
  failures: { place: number; errno: number }[];
  /** The kernel did not know what to do with the command's file. */
  unknownFormat: boolean;
  /** It told something: what had not begun by its end may be tried again. */
  began: boolean;
}

interface Streams {
  stdout: number;
  stderr: number;
  stdin: number | undefined;
}

/** The builder's ends of the pipes that the keeper made. Sockets, which Node would make, can't be opened again as /dev/stdout. */
function openPipes(pid: number, numbers: PipeNumbers): Streams {
  const opened: number[] = [];
  const open = (number: number, flags: number): number => {
    opened.push(openSync(`/proc/${pid}/fd/${number}`, flags | constants.O_NONBLOCK));
    return opened.at(-1)!;
  };
  try {
    return {
      stdout: open(numbers.stdout.read, constants.O_RDONLY),
      stderr: open(numbers.stderr.read, constants.O_RDONLY),
      stdin: numbers.stdin && open(numbers.stdin.write, constants.O_WRONLY),
    };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

function failure(cause: unknown): SlipwayError {
  const message = `a step could not be started: ${cause instanceof Error ? cause.message : cause}`;
  return new SlipwayError('ERR_RUNTIME', message, { cause });
}

/** How a step without a pid namespace is ended, and its command found. */
export interface StepProcesses {
  /** Ends what is below init; called until nothing is left. */
  end(init: number): void;
  sender(init: number): SendSignal;
}

export interface Launch {
  keeper: Keeper;
  /** In the place of one that had ended while it waited. */
  another(): Keeper | undefined;
  program(machine: Machine): Buffer;
  /** Left out: all end with init, and the command is process 1 of a namespace. */
  processes?: StepProcesses | undefined;
  /** The step has a listener for its system calls (seccomp_unotify(2)) at this descriptor, and waits for what takes it. */
  onListener?: ((init: number, fd: number) => void) | undefined;
}

/** Launchers that may have been ended while they waited, by somebody who ends processes. */
const mostEnded = 8;
/** Milliseconds between two looks at what is left of a step. */
const pace = 5;

/**
 * Runs a program with a keeper that has no other, and lets the keeper go; with another one where it was ended before it began. @throws `signal.reason` once nothing of the step is left; ERR_RUNTIME
 * where the launcher fails.
 */
export async function launch(what: Launch, io: StepIO, signal: AbortSignal): Promise<LaunchOutcome> {
  let outcome = await launchOnce(what, io, signal);
  for (let left = mostEnded; left > 0 && !outcome.began; left--) {
    const keeper = what.another();
    if (keeper === undefined) break;
    outcome = await launchOnce({ ...what, keeper }, io, signal);
  }
  return outcome;
}

async function launchOnce(
  { keeper, program, processes, onListener }: Omit<Launch, 'another'>,
  io: StepIO,
  signal: AbortSignal,
): Promise<LaunchOutcome> {
  const { child } = keeper;
  let bytes: Buffer;
  try {
    bytes = program(keeper.machine);
  } catch (error) {
    keeper.release(false);
    throw error;
  }
  const phases = tracePhases('runtime', 'start');
  const outcome: LaunchOutcome = { status: undefined, failures: [], unknownFormat: false, began: false };
  const hurries: (() => void)[] = [];
  let stopFeeding = (): void => {};
  let init: number | undefined;
  let streams = 0;
  let problem: unknown;
  /** Nothing of the step is left. */
  let done = false;
  /** The keeper has ended. */
  let gone = false;
  let ending: NodeJS.Timeout | undefined;

  return new Promise((resolve, reject) => {
    const stopped = (): boolean => signal.aborted || problem !== undefined;
    const settle = (): void => {
      const early = processes === undefined && outcome.status !== undefined && !stopped();
      if (streams > 0 || !(done || early)) return;
      signal.removeEventListener('abort', end);
      phases.end();
      child.off('close', exited);
      child.off('error', broken);
      if (!gone) keeper.release(!done);
      if (signal.aborted) reject(signal.reason);
      else if (problem !== undefined) reject(failure(problem));
      else resolve(outcome);
    };
    const end = (): void => {
      for (const hurry of hurries) hurry();
      // Before it has told who it is, nothing of the step is there; when it is done, the id may be someone else's.
      if (init === undefined || done) return;
      if (processes) {
        endAll(processes, init);
        return;
      }
      try {
        process.kill(init, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    };
    const endAll = ({ end }: StepProcesses, below: number): void => {
      end(below);
      ending ??= setInterval(() => end(below), pace);
    };
    const read = (name: 'stdout' | 'stderr', fd: number): void => {
      const stream = new Socket({ fd, readable: true, writable: false });
      streams++;
      stream.on('error', () => {});
      stream.on('close', () => {
        streams--;
        settle();
      });
      hurries.push(
        passOutput(stream, (chunk) => {
          io.onOutput(name, chunk);
          return signal.aborted ? undefined : io.drained?.(name);
        }),
      );
    };
    const connect = (): void => {
      try {
        const { stdout, stderr, stdin } = openPipes(child.pid!, pipeNumbers(io.stdin !== undefined));
        read('stdout', stdout);
        read('stderr', stderr);
        if (io.stdin !== undefined && stdin !== undefined)
          stopFeeding = feed(io.stdin, new Socket({ fd: stdin, readable: false, writable: true }));
      } catch (error) {
        problem = error;
      }
      keeper.write(Buffer.of(1));
      if (stopped()) end();
    };
    const finish = (): void => {
      done = true;
      clearInterval(ending);
      stopFeeding();
      settle();
    };
    const exited = (): void => {
      gone = true;
      finish();
    };
    const broken = (cause: unknown): void => {
      problem = cause;
      gone = true;
      finish();
    };
    const told = (word: number, value: number): void => {
      outcome.began = true;
      if (word === messages.init) {
        init = value;
        phases.next('set up');
        connect();
      } else if (word === messages.ready) {
        phases.next('command');
        const send = processes ? processes.sender(init!) : signalSender(init!);
        io.onStart?.((name) => done || send(name));
      } else if (word === messages.listener) {
        try {
          onListener?.(init!, value);
        } catch (error) {
          problem = error;
          end();
        }
      } else if (word === messages.status) {
        outcome.status = value;
        phases.next('clean up');
        stopFeeding();
        // What else there is of it mostly ends by itself, and is gone when this is looked at.
        if (processes) setTimeout(() => done || endAll(processes, init!), pace);
        settle();
      } else if (word === messages.format) outcome.unknownFormat = true;
      else if (word === messages.done) {
        finish();
      } else outcome.failures.push({ place: word, errno: -value });
    };
    signal.addEventListener('abort', end);
    child.on('error', broken);
    child.on('close', exited);
    keeper.attach(bytes, told);
  });
}
