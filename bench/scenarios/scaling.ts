// How time grows with files and with layers: what is cached, and what is made.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { type BuildWork, buildSubjects, type Checked, coldTrial, warmTrial } from '../build-trial.ts';
import type { Builder } from '../builder.ts';
import { countRan, MARK } from '../check/count-ran.ts';
import { treeDigest } from '../check/tree-digest.ts';
import { writeFiles } from '../data.ts';
import { expectSame, type Scenario, type Subject } from '../scenario.ts';
import { writeDockerfiles } from './steps.ts';

interface Size {
  x: number;
  /** Without its check. */
  work: Omit<BuildWork, 'check'>;
  /** How many steps run, where none is cached. */
  runs: number;
  checkImage(checked: Checked): Promise<void>;
}

/** Each builder twice: all cached, and nothing cached. */
function subjectsOf(builders: readonly Builder[], { x, work, runs, checkImage }: Size): Subject[] {
  const ran = ({ outcome }: Checked, expected: number): void =>
    expectSame('steps that ran', countRan(outcome.log), expected);
  const made = async (checked: Checked): Promise<void> => {
    ran(checked, runs);
    if (checked.round <= 0) await checkImage(checked);
  };
  const cached = buildSubjects(builders, (builder) => {
    let diffIDs = '';
    const idsOf = async ({ image }: Checked): Promise<string> => (await image()).diffIDs.join();
    const check = async (checked: Checked): Promise<void> => {
      ran(checked, 0);
      if (checked.round === 0) expectSame('layers', await idsOf(checked), diffIDs);
    };
    const first = async (checked: Checked): Promise<void> => {
      await made(checked);
      diffIDs = await idsOf(checked);
    };
    return warmTrial({ ...work, check }, builder, { first });
  });
  const cold = buildSubjects(builders, (builder) => coldTrial({ ...work, check: made }, builder));
  const name =
    (series: string) =>
    (one: Subject): Subject => ({
      ...one,
      name: `${one.name}, ${series}, ${x.toLocaleString('en')}`,
      at: { series: `${one.name}, ${series}`, x },
    });
  return [...cached.map(name('cached')), ...cold.map(name('cold'))];
}

/** Slipway, and the first of the peers: the others take long, and show no more. */
async function few(bench: Bench): Promise<Builder[]> {
  const all = await bench.builders();
  const peer = all.find(({ kind }) => kind === 'buildkit');
  return all.filter((builder) => builder.kind === 'slipway' || builder === peer);
}

const files: Scenario = {
  name: 'scale-files',
  title: 'COPY of 1,000, 10,000 and 100,000 files',
  what: 'Files of 1 KB on average, on an empty base. Cached: no layer may differ. Cold: the image must hold them all.',
  axis: 'files',
  mostSamples: 3,
  async subjects(bench) {
    const builders = await few(bench);
    const subjects: Subject[] = [];
    for (const x of bench.options.quick ? [50, 200] : [1000, 10_000, 100_000]) {
      const context = bench.fresh('context');
      mkdirSync(context);
      const dockerfile = bench.fresh('Dockerfile');
      writeFileSync(dockerfile, 'FROM scratch\nCOPY . /data\n');
      writeFiles(join(context, 'files'), { count: x, size: 1000 });
      const expected = await treeDigest(context);
      const checkImage = async ({ image }: Checked): Promise<void> => {
        const found = await treeDigest(join(await (await image()).rootfs(), 'data'));
        expectSame(
          'files of /data',
          `${found.files} ${found.digest}`,
          `${expected.files} ${expected.digest}`,
        );
      };
      const work = { bench, job: { context, dockerfile }, output: 'store' as const };
      subjects.push(...subjectsOf(builders, { x, work, runs: 0, checkImage }));
    }
    return subjects;
  },
};

const layers: Scenario = {
  name: 'scale-layers',
  title: '10, 50 and 100 RUN steps',
  what: 'Each writes one file. Cached: no layer may differ. Cold: all must run, and each has a layer.',
  axis: 'layers',
  mostSamples: 3,
  async subjects(bench) {
    const builders = await few(bench);
    const base = await bench.base('busybox');
    const subjects: Subject[] = [];
    for (const x of bench.options.quick ? [2, 5] : [10, 50, 100]) {
      const steps = Array.from({ length: x }, (_, n) => `RUN ${MARK} && echo ${n} > /out-${n}\n`).join('');
      const { context, dockerfile, warm } = await writeDockerfiles(bench, base, `FROM ${base}\n${steps}`);
      const checkImage = async ({ image }: Checked): Promise<void> =>
        expectSame('layers', (await image()).diffIDs.length, x + 1);
      const work = { bench, job: { context, dockerfile }, output: 'store' as const, warm };
      subjects.push(...subjectsOf(builders, { x, work, runs: x, checkImage }));
    }
    return subjects;
  },
};

export const scalingScenarios: Scenario[] = [files, layers];
