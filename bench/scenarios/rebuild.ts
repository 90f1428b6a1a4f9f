// A rebuild with nothing changed, into the store and into an OCI tar; and one with a changed file.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { buildSubjects, type Checked, warmTrial } from '../build-trial.ts';
import { countRan, MARK } from '../check/count-ran.ts';
import { treeDigest } from '../check/tree-digest.ts';
import { writeFiles } from '../data.ts';
import { expectSame, type Scenario } from '../scenario.ts';

interface Prepared {
  context: string;
  dockerfile: string;
}

const RUNS = 5;

/** 19 instructions, as an application has them. */
function application(base: string): string {
  const lines = [
    `FROM ${base}`,
    'ARG VERSION=1',
    'ENV APP_HOME=/app MODE=production',
    'LABEL org.example.version=$VERSION',
    'WORKDIR /app',
    'COPY package.json ./',
    `RUN ${MARK} && mkdir -p /deps && cat /proc/sys/kernel/random/uuid > /deps/lock`,
    'COPY files/d0 ./first',
    `RUN ${MARK} && ls first > /deps/first`,
    'COPY . .',
    `RUN ${MARK} && ls files > /deps/all`,
    `RUN ${MARK} && cat /proc/sys/kernel/random/uuid > /deps/built`,
    `RUN ${MARK} && rm -f /deps/first`,
    'VOLUME /data',
    'EXPOSE 8080',
    'STOPSIGNAL SIGTERM',
    'USER 1000',
    'ENTRYPOINT ["/bin/sh"]',
    'CMD ["-c", "true"]',
  ];
  return `${lines.join('\n')}\n`;
}

async function prepare(bench: Bench, text: (base: string) => string): Promise<Prepared> {
  const context = bench.fresh('context');
  mkdirSync(context, { mode: 0o755 });
  writeFiles(join(context, 'files'), { count: bench.size(5000, 200) - 1, size: 5000 });
  writeFileSync(join(context, 'package.json'), '{"name": "app"}\n', { mode: 0o644 });
  const dockerfile = bench.fresh('Dockerfile');
  writeFileSync(dockerfile, text(await bench.base('busybox')));
  return { context, dockerfile };
}

function rebuild(output: 'store' | 'tar'): Scenario {
  const where = output === 'tar' ? ', exported to an OCI tar again' : '';
  return {
    name: output === 'tar' ? 'rebuild-tar' : 'rebuild',
    title: `rebuild, nothing changed, 5,000-file context, 19 instructions${where}`,
    what: 'No step may run; the layers must be those of the first build, and /app must hold the files of the context.',
    async subjects(bench) {
      const { context, dockerfile } = await prepare(bench, application);
      const expected = await treeDigest(context);
      return buildSubjects(await bench.builders(), async (builder) => {
        let diffIDs = '';
        const first = async ({ outcome, image }: Checked): Promise<void> => {
          expectSame('steps that ran', countRan(outcome.log), RUNS);
          const built = await image();
          diffIDs = built.diffIDs.join();
          const found = await treeDigest(join(await built.rootfs(), 'app/files'));
          const files = await treeDigest(join(context, 'files'));
          expectSame(
            'files of /app/files',
            `${found.files} ${found.digest}`,
            `${files.files} ${files.digest}`,
          );
          expectSame('files of the context', expected.files, files.files + 1);
        };
        const check = async ({ outcome, image }: Checked): Promise<void> => {
          expectSame('steps that ran', countRan(outcome.log), 0);
          expectSame('layers', (await image()).diffIDs.join(), diffIDs);
        };
        return warmTrial({ bench, job: { context, dockerfile }, output, check }, builder, { first });
      });
    },
  };
}

const changed = (base: string): string =>
  `FROM ${base}\nRUN ${MARK}\nCOPY . /app\nRUN ${MARK} && ls /app > /list\n`;

const change: Scenario = {
  name: 'change',
  title: 'one file of 5,000 changed (COPY . . + RUN)',
  what: 'The RUN after the COPY must run, the one before must not; the image must hold the changed file.',
  async subjects(bench) {
    return buildSubjects(await bench.builders(['oci', 'sandbox', 'gzip']), async (builder) => {
      // Each builder has a context of its own: another's change is none of its.
      const { context, dockerfile } = await prepare(bench, changed);
      const file = join(context, 'package.json');
      const checkTree = async ({ image }: Checked): Promise<void> => {
        const found = await treeDigest(join(await (await image()).rootfs(), 'app'));
        expectSame('files of /app', found.digest, (await treeDigest(context)).digest);
      };
      return warmTrial(
        {
          ...{ bench, job: { context, dockerfile }, output: 'store' },
          async check(checked) {
            expectSame('steps that ran', countRan(checked.outcome.log), 1);
            if (checked.round === 0) await checkTree(checked);
          },
        },
        builder,
        {
          before: (round) => writeFileSync(file, `{"name": "app", "round": ${round}}\n`),
          async first(checked) {
            expectSame('steps that ran', countRan(checked.outcome.log), 2);
            await checkTree(checked);
          },
        },
      );
    });
  },
};

export const rebuildScenarios: Scenario[] = [rebuild('store'), rebuild('tar'), change];
