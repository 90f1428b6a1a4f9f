// The same processes as in launch-frame.ts where no pid namespace can be made: init gathers what the command leaves behind, as whoever
// loses its parent becomes its child, and ends when nothing is left. To end them is the builder's; should that be killed, init becomes
// a program that does it.
import {
  addKeeper,
  checkKeeper,
  childSignal,
  control,
  deathSignal,
  detachTracee,
  messages,
  pipeNumbers,
  words,
} from './launch-frame.ts';
import type { Label, LaunchProgram } from './launch-program.ts';

const terminate = 15;
const becomeReaper = 36;
const [block, setMask] = [0, 2];
const doNotWait = 1;
/** As rt_sigprocmask(2) takes it. */
const maskOf = (...signals: number[]): Buffer =>
  words(signals.reduce((mask, number) => mask | (1 << (number - 1)), 0));
const maskSize = 8;

export interface ChrootFrameOptions {
  /** The process id of the builder, which starts the launcher. */
  builder: number;
  hasInput: boolean;
  /** A program that ends all that is below itself: its path is the first word. */
  orphaned: readonly string[];
  /** Ends in an exec, or in `failed`. */
  inside(failed: Label): void;
}

/** Adds everything from the launcher's first call to its exit. */
export function addChrootFrame(program: LaunchProgram, options: ChrootFrameOptions): void {
  const { call, label, place, bytes, text } = program;
  const { hasInput, orphaned } = options;
  const { init, gone } = addKeeper(program, { ...options, initFlags: 0 });
  const [reap, sleep, over, drain, linger, end, orphan, inside] = Array.from({ length: 8 }, label) as [
    ...[Label, Label, Label, Label, Label, Label, Label, Label],
  ];
  const heard = bytes(maskOf(childSignal, terminate));
  const noSignals = bytes(words(0));
  const aSecond = bytes(words(1, 0));
  const ended = bytes(words(messages.status, 0));
  const goTo = (to: Label): void => call('close', [-1], { failed: to });
  const hear = (next: Label): void => {
    // Looked after now and then: a child may end between two looks.
    call('rt_sigtimedwait', [heard, 0, aSecond, maskSize], {
      ...{ on: { result: terminate, to: orphan }, failed: next },
    });
    goTo(next);
  };

  place(init);
  call('rt_sigprocmask', [block, heard, 0, maskSize], { what: 'rt_sigprocmask' });
  call('prctl', [deathSignal, terminate], { what: 'prctl' });
  checkKeeper(program, hasInput, gone);
  call('prctl', [becomeReaper, 1], { what: 'prctl' });
  call('clone', [childSignal], {
    ...{ what: 'starting a process', on: { result: 0, to: inside } },
    into: program.argumentAhead(0, 3),
  });
  call('close_range', [4, pipeNumbers(hasInput).free - 1, 0], { what: 'close_range' });

  place(reap);
  call('wait4', [-1, { data: ended.data + 8 }, doNotWait, 0], {
    ...{ on: { result: 0, to: sleep }, failed: sleep },
    into: program.argumentAhead(1),
  });
  // A command may ask to be traced by its parent, which then hears of every signal.
  call('ptrace', [detachTracee, 0, 0, 0], { on: { result: 0, to: reap }, failed: 'next' });
  // The command, unless it is what has just ended.
  call('getpgid', [0], { failed: over });
  goTo(reap);
  place(sleep);
  hear(reap);

  place(over);
  call('write', [control, ended, 16], { failed: 'next' });
  place(drain);
  call('wait4', [-1, 0, doNotWait, 0], { on: { result: 0, to: linger }, failed: end });
  goTo(drain);
  place(linger);
  hear(drain);
  place(end);
  call('exit_group', [0], { failed: 'next' });

  place(orphan);
  call('rt_sigprocmask', [setMask, noSignals, 0, maskSize], { failed: 'next' });
  const argv = program.words([...orphaned.map(text), 0]);
  call('execve', [text(orphaned[0]!), argv, program.words([0])], { failed: 'next' });
  call('exit_group', [1], { failed: 'next' });

  place(inside);
  call('rt_sigprocmask', [setMask, noSignals, 0, maskSize], { what: 'rt_sigprocmask' });
  options.inside(gone);
}
