// Fuzzing in its own processes: mutated inputs for every reader of what others made (test/fuzz).
import type { FuzzFailure } from '../../fuzz/fuzz-process.ts';
import { runFuzz } from '../../fuzz/run-fuzz.ts';
import type { HardSection } from '../section.ts';

export const section: HardSection = {
  name: 'fuzz',
  what: 'hostile inputs give errors with a code, in bounded time and memory, and touch nothing else',
  bounded: 400,
  full: 100_000,
  async run({ attempts, seed, signal, scratch, report, failed }) {
    const told = ({ at, target, what }: FuzzFailure) => ({
      what: `${target}: ${what}`,
      again: `node --import tsx test/fuzz/again.ts ${seed} ${at}`,
    });
    const run = await runFuzz({
      ...{ seed, attempts, jobs: 2, only: [], scratch, signal, report },
      failed: failed && ((failure) => failed(told(failure))),
    });
    signal.throwIfAborted();
    return { attempts: run.attempts, failures: run.failures.map(told) };
  },
};
