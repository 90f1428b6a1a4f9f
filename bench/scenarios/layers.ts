// Layers that are made and compressed: a large file, many small ones, and steps that write and delete many.
import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../test/support/run-command.ts';
import { writeDebianTar } from '../bases.ts';
import type { Bench } from '../bench.ts';
import { buildSubjects, coldTrial } from '../build-trial.ts';
import type { Builder } from '../builder.ts';
import { countRan, MARK } from '../check/count-ran.ts';
import { treeDigest } from '../check/tree-digest.ts';
import { MIXED, writeFiles, writeMixedFile } from '../data.ts';
import { dockerBuilder, findDocker } from '../peers/docker.ts';
import { expectSame, type Scenario, type Subject } from '../scenario.ts';
import { writeDockerfiles } from './steps.ts';

/** Where a docker without OCI tars takes part, it does so once more with the push that compresses. */
async function compressingBuilders(bench: Bench): Promise<Builder[]> {
  const builders = await bench.builders();
  const docker = findDocker('/');
  const hasPlain = builders.some(({ notes }) => notes.some((note) => note.includes('without compression')));
  return docker && hasPlain ? [...builders, await dockerBuilder(docker, 'push')] : builders;
}

interface CopyOptions {
  /** Fills the context's folder `data`. */
  fill(folder: string): void;
}

async function copySubjects(bench: Bench, { fill }: CopyOptions): Promise<Subject[]> {
  const base = await bench.base('busybox');
  const host = await bench.registry();
  const { context, dockerfile, warm } = await writeDockerfiles(
    bench,
    base,
    `FROM ${base}\nCOPY data /data\n`,
  );
  mkdirSync(join(context, 'data'), { mode: 0o755 });
  fill(join(context, 'data'));
  const expected = await treeDigest(join(context, 'data'));
  return buildSubjects(await compressingBuilders(bench), (builder) =>
    coldTrial(
      {
        ...{ bench, job: { context, dockerfile }, output: 'tar', warm },
        tag: `${host}/made:1`,
        async check({ image, round }) {
          if (round > 0) return;
          const root = await (await image()).rootfs();
          const found = await treeDigest(join(root, 'data'));
          expectSame(
            'files of /data',
            `${found.files} ${found.digest}`,
            `${expected.files} ${expected.digest}`,
          );
        },
      },
      builder,
    ),
  );
}

const big: Scenario = {
  name: 'copy-big',
  title: 'COPY of a 512 MB file, OCI tar with gzip',
  what: `The file is made of ${MIXED}. The image must hold it, bit for bit; the size of the result is compared, too.`,
  mostSamples: 5,
  subjects: (bench) =>
    copySubjects(bench, {
      fill: (folder) => writeMixedFile(join(folder, 'large'), bench.size(512, 4) << 20),
    }),
};

const many: Scenario = {
  name: 'copy-many',
  title: 'COPY of 20,000 small files, OCI tar',
  what: 'Files of text, 1.5 KB on average. The image must hold them all, bit for bit.',
  subjects: (bench) =>
    copySubjects(bench, {
      fill: (folder) => writeFiles(join(folder, 'files'), { count: bench.size(20_000, 300), size: 1500 }),
    }),
};

const deletion = (folder: string, count: number): string =>
  `find ${folder} -type f | sort | head -n ${count} | tr '\\n' '\\0' | xargs -0 rm -f`;

const runMany: Scenario = {
  name: 'run-many',
  title: 'RUN that makes 8,700 files and one that deletes 5,000, OCI tar',
  what: 'The files of a Debian, from a tar in the base. What is left must be what the same commands leave on the disk.',
  async subjects(bench) {
    const base = await bench.base('archive');
    const host = await bench.registry();
    const count = bench.size(5000, 500);
    const unpack = 'mkdir /made && tar -xf /root.tar -C /made';
    const text = `FROM ${base}\nRUN ${MARK} && ${unpack}\nRUN ${MARK} && cd /made && export LC_ALL=C && ${deletion('.', count)}\n`;
    const { context, dockerfile, warm } = await writeDockerfiles(bench, base, text);
    const tar = bench.fresh('root.tar');
    await writeDebianTar(tar);
    const own = bench.fresh('made');
    await mkdir(own);
    await mustRun(['tar', '-xpf', tar, '-C', own]);
    await mustRun(['sh', '-c', `cd "$1" && export LC_ALL=C && ${deletion('.', count)}`, 'sh', own]);
    const expected = await treeDigest(own);
    return buildSubjects(await compressingBuilders(bench), (builder) =>
      coldTrial(
        {
          ...{ bench, job: { context, dockerfile }, output: 'tar', warm },
          tag: `${host}/made:1`,
          async check({ outcome, image, round }) {
            expectSame('steps that ran', countRan(outcome.log), 2);
            if (round > 0) return;
            const found = await treeDigest(join(await (await image()).rootfs(), 'made'));
            expectSame(
              'files of /made',
              `${found.files} ${found.digest}`,
              `${expected.files} ${expected.digest}`,
            );
          },
        },
        builder,
      ),
    );
  },
};

export const layerScenarios: Scenario[] = [big, many, runMany];
