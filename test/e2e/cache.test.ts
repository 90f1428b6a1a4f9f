// Which steps an edit runs again: exact counts, read from plain progress.
import { spawnSync } from 'node:child_process';
import { chmod, readFile, stat, utimes } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cachedNames, cachedSteps } from '../support/cli.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e cache');

const dockerfile = `FROM base AS build
COPY app.txt /src/
RUN cat /src/app.txt > /built
FROM base
ENV MODE=fast
RUN echo $MODE > /mode
COPY other.txt /
COPY --from=build /built /built
`;
const STEPS = 5;
const files = {
  Dockerfile: dockerfile,
  'app.txt': 'app\n',
  'other.txt': 'other\n',
  'unused.txt': 'unused\n',
};

/** How many steps come from the cache after each edit, the first build having run them all. */
async function cachedAfter(
  edit: (bench: Workbench) => Promise<unknown>,
  flags: string[] = [],
): Promise<number> {
  await using bench = await workbench(files);
  assert.is(cachedSteps(await bench.build()), 0);
  await edit(bench);
  return cachedSteps(await bench.build(flags));
}

const edits: [
  title: string,
  edit: (bench: Workbench) => Promise<unknown>,
  cached: number,
  flags?: string[],
][] = [
  ['nothing', async () => {}, STEPS],
  ['the time of a file', (b) => utimes(`${b.context}/app.txt`, 1, 1), STEPS],
  ['a file that no step reads', (b) => b.write({ 'unused.txt': 'changed\n' }), STEPS],
  [
    'the content of a file: its COPY, what follows, and the COPY of the result',
    (b) => b.write({ 'app.txt': 'new\n' }),
    2,
  ],
  // The command makes the same file of it: what reads the result still hits.
  [
    'the mode of a file: its COPY and what follows in its stage',
    (b) => chmod(`${b.context}/app.txt`, 0o600),
    3,
  ],
  ['ENV above a RUN', (b) => b.write({ Dockerfile: dockerfile.replace('fast', 'slow') }), 2],
  ['a comment in the Dockerfile', (b) => b.write({ Dockerfile: `# hello\n\n${dockerfile}` }), STEPS],
  ['a label', (b) => b.write({ Dockerfile: `${dockerfile}LABEL a=b\n` }), STEPS],
  ['a new last step', (b) => b.write({ Dockerfile: `${dockerfile}RUN true\n` }), STEPS],
];

for (const [title, edit, cached, flags] of edits) {
  test(`changing ${title}`, async () => {
    if (!requireWorkbench()) return;
    assert.is(await cachedAfter(edit, flags), cached);
  });
}

test('--no-cache runs everything, and the result is found again', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench(files);
  await bench.build();
  assert.is(cachedSteps(await bench.build(['--no-cache'])), 0);
  assert.is(cachedSteps(await bench.build()), STEPS);
});

test('--no-cache-filter runs the steps of the stages it names', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench(files);
  await bench.build();
  const names = cachedNames(await bench.build(['--no-cache-filter=build']));
  assert.not(
    names.some((name) => name.startsWith('[build ')),
    names.join('\n'),
  );
  assert.ok(
    names.some((name) => name.includes('RUN echo $MODE')),
    names.join('\n'),
  );
});

test('another state folder has a cache of its own', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench(files);
  await bench.build();
  assert.is(cachedSteps(await bench.build([], { root: bench.file('other-state') })), 0);
});

test('a step that failed is not taken for done', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN echo a > /a\nRUN false\n' });
  await bench.fail();
  const again = await bench.fail();
  assert.is(again.code, 1);
  assert.is(cachedSteps(again), 1);
});

test('times that a step sets are what they are set to, and what reads them runs again', async () => {
  if (!requireWorkbench()) return;
  const text = (seconds: number) =>
    `FROM base\nRUN echo x > /f && touch -d @${seconds} /f\nRUN stat -c %Y /f > /seconds\n`;
  await using bench = await workbench({ Dockerfile: text(1000) });
  for (const seconds of [1000, 2000, 4_000_000_000, 1000]) {
    await bench.write({ Dockerfile: text(seconds) });
    const dest = bench.file(`out-${seconds}`);
    await bench.build([`--output=type=local,dest=${dest}`]);
    assert.is((await stat(`${dest}/f`)).mtimeMs, seconds * 1000);
    assert.is(await readFile(`${dest}/seconds`, 'utf8'), `${seconds}\n`);
  }
});

test('times in an archive that is added are those of the archive, of whatever age', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nADD a.tar /\n' });
  for (const seconds of [1000, 2000]) {
    await bench.write({ inner: 'text' });
    await utimes(`${bench.context}/inner`, seconds, seconds);
    const packed = spawnSync('tar', ['-cf', 'a.tar', 'inner'], { cwd: bench.context });
    assert.is(packed.status, 0);
    const dest = bench.file(`out-${seconds}`);
    await bench.build([`--output=type=local,dest=${dest}`]);
    assert.is((await stat(`${dest}/inner`)).mtimeMs, seconds * 1000);
  }
});

test('an image built from the cache is the same, to the byte', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench(files);
  const first = await bench.image();
  const second = await bench.image();
  assert.is(second.digest, first.digest);
});

test.run();
