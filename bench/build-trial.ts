// The two kinds of trials that build: again and again in one state, and each time in a new one.

import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Bench } from './bench.ts';
import type { Builder, BuildJob, Outcome, Output, Session } from './builder.ts';
import { type BuiltImage, readImage } from './check/read-image.ts';
import { lazy } from './lazy.ts';
import type { Sample, Subject, Trial } from './scenario.ts';
import { settle } from './settle.ts';

export interface Checked {
  outcome: Outcome;
  /** Of this build, as others read it. */
  image(): Promise<BuiltImage>;
  round: number;
}

export interface BuildWork {
  bench: Bench;
  /** What is timed. */
  job: Omit<BuildJob, 'tag' | 'output'>;
  output: 'store' | 'tar';
  /** Name of the image; `bench:1` where it is of no account. */
  tag?: string;
  /** Another Dockerfile in the same context that is built before, without being timed: bases are there then. */
  warm?: string;
  /** Throws WrongResult. Not timed. */
  check(checked: Checked): Promise<void>;
}

function outputOf(work: BuildWork, builder: Builder): Output {
  if (work.output === 'store') return { type: 'store' };
  return { type: 'tar', path: work.bench.fresh(`${builder.kind}.tar`) };
}

interface BuildOnce {
  session: Session;
  builder: Builder;
  round: number;
}

/** Builds, times, checks. What was written is out of the way after it. */
async function buildOnce(work: BuildWork, { session, builder, round }: BuildOnce): Promise<Sample> {
  const { bench, job, tag = 'bench:1' } = work;
  const output = outputOf(work, builder);
  await settle();
  const outcome = await session.build({ ...job, tag, output });
  const saved = bench.fresh('archive.tar');
  const folder = bench.fresh('image');
  const archive = async (): Promise<string> => outcome.archive ?? (await session.archive(tag, saved));
  const image = lazy(async () => readImage(await archive(), folder));
  await work.check({ outcome, image, round });
  const { log: _, archive: __, ...measured } = outcome;
  const written = output.type === 'tar' ? output.path : saved;
  const bytes = output.type === 'tar' && existsSync(written) ? { bytes: statSync(written).size } : {};
  for (const path of [written, folder]) if (existsSync(path)) await bench.trash(path);
  return { ...measured, ...bytes };
}

/** One state; an untimed build comes first, so that all is cached. */
export async function warmTrial(
  work: BuildWork,
  builder: Builder,
  options: { before?: (round: number) => void; first: (checked: Checked) => Promise<void> },
): Promise<Trial> {
  const { bench } = work;
  const folder = bench.fresh(builder.kind);
  await mkdir(folder);
  const session = await builder.open(folder);
  try {
    await buildOnce({ ...work, check: options.first }, { session, builder, round: -1 });
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    sample(round) {
      options.before?.(round);
      return buildOnce(work, { session, builder, round });
    },
    async close() {
      await session.close();
      await bench.trash(folder);
    },
  };
}

/** A new state for each sample. */
export function coldTrial(work: BuildWork, builder: Builder): Trial {
  const { bench } = work;
  return {
    async sample(round) {
      const folder = bench.fresh(builder.kind);
      await mkdir(folder);
      const session = await builder.open(folder);
      try {
        if (work.warm)
          await session.build({
            ...{ context: work.job.context, dockerfile: work.warm, tag: 'warm:1' },
            output: { type: 'store' },
          });
        return await buildOnce(work, { session, builder, round });
      } finally {
        await session.close();
        await bench.trash(folder);
      }
    },
  };
}

/** A subject for each builder. */
export function buildSubjects(
  builders: readonly Builder[],
  open: (builder: Builder) => Trial | Promise<Trial>,
): Subject[] {
  return builders.map((builder) => ({
    ...{ name: builder.name, isPeer: builder.kind !== 'slipway', version: builder.version },
    notes: builder.notes,
    open: async () => open(builder),
  }));
}
