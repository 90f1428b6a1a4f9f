// An empty state: the base comes from the registry, one step runs on it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubjects, coldTrial } from '../build-trial.ts';
import { countRan, MARK } from '../check/count-ran.ts';
import { readImage } from '../check/read-image.ts';
import { expectSame, type Scenario } from '../scenario.ts';
import { writeDockerfiles } from './steps.ts';

function pull(output: 'store' | 'tar'): Scenario {
  return {
    name: output === 'tar' ? 'pull-tar' : 'pull',
    title: `empty state: pull and unpack a Debian base of about 170 MB, one RUN${output === 'tar' ? ', OCI tar' : ''}`,
    what: 'From a registry on the loopback. The step must run and have seen all packages of the base; the base must lie below it.',
    async subjects(bench) {
      const base = await bench.base(bench.size(1, 0) === 1 ? 'debian' : 'busybox');
      const seen = 'ls /var/lib/dpkg/info 2> /dev/null | wc -l > /seen';
      const { context, dockerfile } = await writeDockerfiles(
        bench,
        base,
        `FROM ${base}\nRUN ${MARK} && ${seen}\n`,
      );
      const original = await readImage(`docker://${base}`, bench.fresh('image'));
      return buildSubjects(await bench.builders(['erofs']), (builder) =>
        coldTrial(
          {
            ...{ bench, job: { context, dockerfile }, output },
            async check({ outcome, image, round }) {
              expectSame('steps that ran', countRan(outcome.log), 1);
              if (round > 0) return;
              const built = await image();
              expectSame('layers', built.diffIDs.length, original.diffIDs.length + 1);
              expectSame('first layer', built.diffIDs[0], original.diffIDs[0]);
              const root = await built.rootfs();
              const saw = Number(readFileSync(join(root, 'seen'), 'utf8'));
              if (!bench.options.quick && saw < 100)
                expectSame('files that the step saw', saw, 'some hundred');
            },
          },
          builder,
        ),
      );
    },
  };
}

export const pullScenarios: Scenario[] = [pull('store'), pull('tar')];
