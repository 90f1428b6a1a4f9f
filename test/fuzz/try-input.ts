// One input, tried: which target and what bytes a seed and a number stand for, and what came of it.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSlipwayError } from '../../src/errors.ts';
import { readNames } from '../../src/fs/path-bytes.ts';
import { createRandom } from '../support/random.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { makeInput } from './mutate.ts';

/** Seconds of CPU time that no input of these sizes may take. */
const longest = 20;
/** Bytes that the process may have grown to. */
const mostMemory = 2 ** 31;

export interface Tried {
  target: string;
  input: Buffer;
  /** Undefined: as it should be. */
  failure: string | undefined;
  seconds: number;
}

const corpora = new Map<FuzzTarget, Buffer[]>();

function corpusOf(target: FuzzTarget): Buffer[] {
  const known = corpora.get(target) ?? target.corpus();
  corpora.set(target, known);
  return known;
}

/** What a seed and a number stand for, among these targets. */
export async function inputFor(
  targets: readonly FuzzTarget[],
  { seed, at }: { seed: number; at: number },
): Promise<{ target: FuzzTarget; input: Buffer }> {
  const target = targets[at % targets.length]!;
  const random = createRandom((seed * 1_000_003 + at) >>> 0);
  return { target, input: await makeInput(target, corpusOf(target), random) };
}

/** @param scratch an empty folder, made before; what is in it is the same after. */
export async function tryInput(target: FuzzTarget, input: Buffer, scratch: string): Promise<Tried> {
  const root = join(scratch, 'root');
  const look = target.usesFolder ? layCanary(scratch) : undefined;
  if (target.usesFolder) mkdirSync(root);
  const before = process.cpuUsage();
  let failure: string | undefined;
  try {
    await target.run(input, { root, signal: new AbortController().signal });
  } catch (error) {
    if (!isSlipwayError(error))
      failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (look) {
    rmSync(root, { recursive: true, force: true });
    failure ??= look();
  }
  if (seconds > longest) failure ??= `it took ${seconds.toFixed(1)} s`;
  const { rss } = process.memoryUsage();
  if (rss > mostMemory) failure ??= `the process has grown to ${rss >> 20} MiB`;
  return { target: target.name, input, failure, seconds };
}

/** A folder and a file beside the root that nothing may touch; the answer says what did. */
function layCanary(scratch: string): () => string | undefined {
  const canary = join(scratch, 'canary');
  const file = join(canary, 'untouched');
  mkdirSync(canary, { recursive: true });
  writeFileSync(file, 'untouched', { mode: 0o640 });
  const stateOf = (path: string): string => {
    const { mode, uid, gid, mtimeNs, ino, nlink } = statSync(path, { bigint: true });
    return [mode, uid, gid, mtimeNs, ino, nlink].join(' ');
  };
  const states = [stateOf(canary), stateOf(file)];
  return () => {
    if (readNames(scratch).join() !== 'canary') return `there is more beside the root: ${readNames(scratch)}`;
    const same = readNames(canary).join() === 'untouched' && readFileSync(file, 'utf8') === 'untouched';
    return same && states.join() === [stateOf(canary), stateOf(file)].join()
      ? undefined
      : 'the file beside the root was touched';
  };
}
