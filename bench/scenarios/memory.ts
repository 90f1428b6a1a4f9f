// Memory while a large file is copied into an image and exported.
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { buildSubjects, coldTrial } from '../build-trial.ts';
import { treeDigest } from '../check/tree-digest.ts';
import { writeHoleyFile } from '../data.ts';
import { expectSame, type Scenario } from '../scenario.ts';
import { writeDockerfiles } from './steps.ts';

/** Bytes: what was asked for, and no more than a builder can hold several times over. */
function sizeOf(bench: Bench): number {
  const { bavail, bsize } = statfsSync(bench.options.workDir);
  return Math.min(bench.size(bench.options.memorySize * 2 ** 30, 16 << 20), Math.floor((bavail * bsize) / 6));
}

export const memoryScenario: Scenario = {
  name: 'memory',
  title: 'memory: COPY of a file of some GB of random blocks and holes, OCI tar',
  what: 'The file has 1 MiB of random bytes every 4 MiB. VmHWM of every process of the builder, polled each 25 ms and summed; a daemon’s own is on top. The image must hold the file.',
  mostSamples: 1,
  async subjects(bench) {
    const base = await bench.base('busybox');
    const { context, dockerfile, warm } = await writeDockerfiles(
      bench,
      base,
      `FROM ${base}\nCOPY data /data\n`,
    );
    mkdirSync(join(context, 'data'), { mode: 0o755 });
    writeHoleyFile(join(context, 'data/large'), sizeOf(bench));
    const expected = await treeDigest(join(context, 'data'));
    return buildSubjects(await bench.builders(), (builder) => {
      const trial = coldTrial(
        {
          ...{ bench, job: { context, dockerfile, wholeTree: true }, output: 'tar', warm },
          async check({ image }) {
            const found = await treeDigest(join(await (await image()).rootfs(), 'data'));
            expectSame('files of /data', found.digest, expected.digest);
          },
        },
        builder,
      );
      return {
        async sample(round) {
          const sample = await trial.sample(round);
          await bench.emptyTrash();
          return sample;
        },
      };
    });
  },
};
