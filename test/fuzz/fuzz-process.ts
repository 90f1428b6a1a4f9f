// A process that tries inputs one after the other: what hangs or takes all memory takes this one down, and not who started it.
// Arguments: a JSON object. Each failure is a line of JSON; the number that is being tried stands in the file `progress`.
import { openSync, writeSync } from 'node:fs';
import { fuzzTargets } from './fuzz-targets.ts';
import { inputFor, tryInput } from './try-input.ts';

export interface FuzzJob {
  seed: number;
  from: number;
  /** Exclusive. */
  to: number;
  /** Names of targets; empty: all. */
  only: string[];
  scratch: string;
  progress: string;
}

export interface FuzzFailure {
  at: number;
  target: string;
  what: string;
}

const job = JSON.parse(process.argv[2] ?? '') as FuzzJob;
const targets =
  job.only.length === 0 ? fuzzTargets : fuzzTargets.filter(({ name }) => job.only.includes(name));
const progress = openSync(job.progress, 'w');

/** Milliseconds. */
const strayPatience = 10_000;

// What is thrown where nobody waits for it is a failure of the input that is being tried.
let at = job.from;
let stray: unknown;
process.on('uncaughtException', (error) => {
  stray = error;
  const stood = at;
  // What it was thrown out of may never end now.
  setTimeout(() => {
    if (at !== stood) return;
    process.stderr.write(`no end after ${error.stack ?? error}\n`, () => process.exit(1));
  }, strayPatience).unref();
});

for (; at < job.to; at++) {
  writeSync(progress, `${at}\n`.padEnd(16), 0);
  const { target, input } = await inputFor(targets, { seed: job.seed, at });
  const { failure, seconds } = await tryInput(target, input, job.scratch);
  if (at % 64 === 0) await new Promise(setImmediate);
  const what =
    failure ??
    (stray === undefined ? undefined : `thrown outside: ${String((stray as Error).stack ?? stray)}`);
  stray = undefined;
  const line: FuzzFailure | undefined = what === undefined ? undefined : { at, target: target.name, what };
  if (line) process.stdout.write(`${JSON.stringify(line)}\n`);
  if (seconds > 2 && process.env['FUZZ_SLOW'])
    process.stderr.write(`slow: ${target.name} ${at} ${input.length} bytes ${seconds.toFixed(1)} s\n`);
}
process.exit(0);
