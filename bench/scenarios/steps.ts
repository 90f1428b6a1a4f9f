// Steps that run: thirty in a row, and four stages beside each other.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { buildSubjects, coldTrial } from '../build-trial.ts';
import { countRan, MARK } from '../check/count-ran.ts';
import { expectSame, type Scenario } from '../scenario.ts';

interface Dockerfiles {
  /** An empty one. */
  context: string;
  dockerfile: string;
  /** Only brings the base. */
  warm: string;
}

/** Writes a Dockerfile, and one that builds on the same base alone. */
export async function writeDockerfiles(bench: Bench, base: string, text: string): Promise<Dockerfiles> {
  const context = bench.fresh('context');
  mkdirSync(context);
  const [dockerfile, warm] = [bench.fresh('Dockerfile'), bench.fresh('Dockerfile')];
  writeFileSync(dockerfile, text);
  writeFileSync(warm, `FROM ${base}\nRUN ${MARK} && echo warm > /warm\n`);
  return { context, dockerfile, warm };
}

const text = (path: string): string => readFileSync(path, 'utf8').trim();

const runs: Scenario = {
  name: 'runs',
  title: '30 RUN steps, none cached',
  what: 'A state that has the base and nothing else. All 30 must run, and the image must hold what each wrote.',
  async subjects(bench) {
    const base = await bench.base('busybox');
    const count = bench.size(30, 4);
    const steps = Array.from({ length: count }, (_, n) => `RUN ${MARK} && echo ${n} > /out-${n}\n`);
    const { context, dockerfile, warm } = await writeDockerfiles(
      bench,
      base,
      `FROM ${base}\n${steps.join('')}`,
    );
    return buildSubjects(await bench.builders(['oci', 'sandbox', 'chroot']), (builder) =>
      coldTrial(
        {
          ...{ bench, job: { context, dockerfile }, output: 'store', warm },
          async check({ outcome, image, round }) {
            expectSame('steps that ran', countRan(outcome.log), count);
            if (round > 0) return;
            const root = await (await image()).rootfs();
            for (let n = 0; n < count; n++)
              expectSame(`what step ${n} wrote`, text(join(root, `out-${n}`)), String(n));
          },
        },
        builder,
      ),
    );
  },
};

const stages: Scenario = {
  name: 'stages',
  title: 'four stages of 1 s each, then a COPY from all',
  what: 'A state that has the base and nothing else. All four must run, and the image must hold what each wrote.',
  async subjects(bench) {
    const base = await bench.base('busybox');
    const names = ['a', 'b', 'c', 'd'];
    const stage = (name: string): string =>
      `FROM ${base} AS ${name}\nRUN ${MARK} && sleep 1 && echo ${name} > /${name}\n`;
    const copies = names.map((name) => `COPY --from=${name} /${name} /out/${name}\n`);
    const written = `${names.map(stage).join('')}FROM ${base}\n${copies.join('')}`;
    const { context, dockerfile, warm } = await writeDockerfiles(bench, base, written);
    return buildSubjects(await bench.builders(), (builder) =>
      coldTrial(
        {
          ...{ bench, job: { context, dockerfile }, output: 'store', warm },
          async check({ outcome, image, round }) {
            expectSame('steps that ran', countRan(outcome.log), names.length);
            if (round > 0) return;
            const root = await (await image()).rootfs();
            for (const name of names) expectSame(`file of ${name}`, text(join(root, 'out', name)), name);
          },
        },
        builder,
      ),
    );
  },
};

export const stepScenarios: Scenario[] = [runs, stages];
