// Real builds, a change, another build: which steps missed, and what is said of them.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport } from '../../src/index.ts';
import { top } from '../support/cli.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e explain');

const dockerfile = `FROM base AS build
ARG VERSION=1
COPY src /src
RUN cat /src/a.txt > /out
FROM base
ENV MODE=fast
COPY --chmod=755 run.sh /run.sh
RUN --mount=type=bind,source=conf,target=/conf ls /conf > /list
COPY --from=build /out /out
`;
const files = {
  Dockerfile: dockerfile,
  'src/a.txt': 'a\n',
  'src/b.txt': 'b\n',
  'run.sh': '#!/bin/sh\n',
  'conf/x': 'x\n',
  'unused.txt': '',
};

/** Steps that missed by the lines of the Dockerfile, each with its reasons; those of hits are left out. */
const misses = ({ steps }: CacheReport): [line: number, ...reasons: string[]][] =>
  steps
    .filter(({ outcome }) => ['ran', 'failed', 'canceled'].includes(outcome))
    .map(({ lines, reasons }): [number, ...string[]] => [lines[0], ...reasons])
    .sort((a, b) => a[0] - b[0]);

async function report(bench: Workbench, flags: readonly string[] = [], fails = false): Promise<CacheReport> {
  const file = bench.file('report.json');
  await (fails ? bench.fail : bench.build)([`--cache-report=${file}`, ...flags]);
  return JSON.parse(readFileSync(file, 'utf8')) as CacheReport;
}

interface Mutation {
  title: string;
  change(path: (name: string) => string): void;
  flags?: string[];
  misses: [line: number, ...reasons: string[]][];
}

const edit = (from: string, to: string) => (path: (name: string) => string) =>
  writeFileSync(path('Dockerfile'), dockerfile.replace(from, to));

const inSource = (reason: string): Mutation['misses'] => [
  [3, reason],
  [4, reason],
];

/** All that a build of the first files has made is there before each. */
const mutations: Mutation[] = [
  {
    title: 'the content of a file: its COPY and what stands on it, up to what comes out the same',
    change: (path) => writeFileSync(path('src/b.txt'), 'B\n'),
    misses: inSource('b.txt has other content'),
  },
  {
    title: 'the content of a file that goes into another stage',
    change: (path) => writeFileSync(path('src/a.txt'), 'A\n'),
    misses: [...inSource('a.txt has other content'), [9, 'a.txt has other content', 'out has other content']],
  },
  {
    title: 'the mode of a file',
    change: (path) => chmodSync(path('src/b.txt'), 0o664),
    misses: inSource('b.txt: mode 0644 → 0664'),
  },
  {
    title: 'a mode that a flag sets anyway, a time, and a file that nothing reads',
    change(path) {
      chmodSync(path('run.sh'), 0o600);
      utimesSync(path('src/a.txt'), 1, 1);
      writeFileSync(path('unused.txt'), 'x');
    },
    misses: [],
  },
  {
    title: 'a file more',
    change: (path) => writeFileSync(path('src/c.txt'), 'c\n'),
    misses: inSource('c.txt was added'),
  },
  {
    title: 'a file less',
    change: (path) => rmSync(path('src/b.txt')),
    misses: inSource('b.txt was removed'),
  },
  {
    title: 'another name',
    change: (path) => renameSync(path('src/b.txt'), path('src/d.txt')),
    misses: inSource('b.txt was renamed to d.txt'),
  },
  {
    title: 'a file that a mount shows',
    change: (path) => writeFileSync(path('conf/x'), 'y\n'),
    misses: [[8, 'x (mounted at /conf) has other content']],
  },
  {
    title: 'the words of a RUN, which does the same',
    change: edit('RUN cat', 'RUN  cat -u'),
    misses: [[4, 'the instruction was "RUN cat /src/a.txt > /out"']],
  },
  {
    title: 'a build argument',
    change: () => {},
    flags: ['--build-arg=VERSION=2'],
    misses: [[4, 'ARG VERSION has another value']],
  },
  {
    title: 'the value of an ENV',
    change: edit('MODE=fast', 'MODE=slow'),
    misses: [[8, 'variable MODE has another value']],
  },
  {
    title: 'a flag of COPY, and what stands on it',
    change: edit('--chmod=755', '--chmod=700'),
    misses: [
      [7, 'chmod was "755", and is "700"'],
      [8, 'chmod was "755", and is "700"'],
      [9, 'chmod was "755", and is "700"'],
    ],
  },
  {
    title: 'an instruction more, and lines that moved',
    change: edit('ENV MODE=fast', '\n# more\nENV MODE=fast\nRUN true'),
    misses: [
      [9, 'the earlier build has no such step'],
      [10, 'the earlier build has no such step'],
      [11, 'the earlier build has no such step'],
      [12, 'the earlier build has no such step'],
    ],
  },
  { title: 'a comment and a label', change: edit('ENV', '# hello\nLABEL a=b\nENV'), misses: [] },
];

test('each change is told at the steps that missed, in the smallest words, and nothing else is', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench(files);
  const path = (name: string): string => join(bench.context, name);
  const first = await report(bench);
  assert.equal(
    [...new Set(misses(first).flatMap(([, ...reasons]) => reasons))],
    ['no earlier build of this Dockerfile is known here'],
  );
  for (const { title, change, flags = [], misses: expected } of mutations) {
    change(path);
    const found = await report(bench, flags);
    assert.equal(misses(found), expected, title);
    assert.is(found.summary.misses, expected.length, title);
    for (const name of ['src', 'conf', 'Dockerfile']) rmSync(path(name), { recursive: true });
    mkdirSync(path('conf'));
    await bench.write(files);
    chmodSync(path('run.sh'), 0o644);
    // So that the next one is compared with the files as they were.
    await bench.build();
  }
});

test('a step that failed and was not changed, one whose result was pruned, and --no-cache', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN echo a > /a\nRUN test ! -e /a\n' });
  assert.is((await report(bench, [], true)).build.outcome, 'failed');
  const again = await report(bench, [], true);
  assert.equal(misses(again), [[3, 'nothing changed, but the earlier build did not get to its end']]);
  await bench.write({ Dockerfile: 'FROM base\nRUN echo a > /a\nRUN test -e /a\n' });
  assert.equal(misses(await report(bench)), [[3, 'the instruction was "RUN test ! -e /a"']]);
  const anew = await report(bench, ['--no-cache']);
  assert.equal(
    misses(anew).map(([, reason]) => reason),
    Array(2).fill('the cache was not to be used (--no-cache)'),
  );
  // The results are there, and too old.
  const late = await report(bench, ['--cache-ttl=1ns']);
  const expired = 'nothing changed, but its result is older than --cache-ttl allows';
  assert.equal(misses(late), [
    [2, expired],
    [3, expired],
  ]);
  await bench.slipway(['prune', '--force']);
  const pruned = 'nothing changed, but its result is not stored any more: it was pruned';
  assert.equal(misses(await report(bench)), [
    [2, pruned],
    [3, pruned],
  ]);
});

test('bytes that steps read are told where they ran, what was pulled at its image, and no record has them', async () => {
  if (!requireWorkbench()) return;
  const large = 'l'.repeat(1_300_000);
  await using bench = await workbench({
    Dockerfile: `FROM base AS build
COPY small large /d/
RUN cat /d/large /d/small > /out
WORKDIR /w
ADD files.tar /t/
COPY <<E /inline
text
E
FROM base
COPY --from=build /out /d/small /e/
`,
    small: 'small\n',
    large,
    'tree/a': 'aaa',
    'tree/b': 'b',
  });
  const { context } = bench;
  execFileSync('tar', ['-C', join(context, 'tree'), '-cf', join(context, 'files.tar'), 'a', 'b']);
  const read = ({ steps }: CacheReport): Record<number, number | null> =>
    Object.fromEntries(
      steps.filter(({ bytes }) => bytes !== null).map(({ lines, bytesRead }) => [lines[0], bytesRead]),
    );
  const both = large.length + 6;
  const first = await report(bench);
  const expected = { 2: both, 3: null, 4: 0, 5: 4, 6: 0, 10: both + 6 };
  assert.equal(read(first), expected);
  assert.is(first.summary.bytes.read, both + 4 + both + 6);
  const pulled = first.steps.map(({ bytesPulled }) => bytesPulled ?? 0);
  assert.ok(first.summary.bytes.pulled > 0);
  assert.is(
    pulled.reduce((sum, bytes) => sum + bytes, 0),
    first.summary.bytes.pulled,
  );
  const records = readdirSync(bench.root, { recursive: true, withFileTypes: true })
    .filter((one) => /^[0-9a-f]{64}\.json$/.test(one.name))
    .map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'))
    .filter((text) => text.includes('"diffID"'));
  assert.ok(records.length >= 6);
  for (const text of records) assert.not.match(text, /"read"/);
  await bench.write({ small: 'SMALL\n' });
  const second = await report(bench);
  assert.equal(read(second), expected);
  const third = await report(bench);
  assert.equal(read(third), { 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 10: 0 });
  assert.equal([third.summary.bytes.read, third.summary.bytes.pulled], [0, 0]);
});

test('a bake explains each of its targets', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nARG WHO\nRUN echo $WHO > /who\n',
    'docker-bake.json': JSON.stringify({
      group: { default: { targets: ['a', 'b'] } },
      target: Object.fromEntries(
        ['a', 'b'].map((name) => [name, { context: '.', contexts: { base: 'BASE' }, args: { WHO: name } }]),
      ),
    }),
  });
  const base = bench.base.flag.replace(/^[^=]*=[^=]*=/, '');
  const bake = async (
    ...flags: string[]
  ): Promise<{ stderr: string; reports: Record<string, CacheReport> }> => {
    const file = bench.file('bake.json');
    const words = ['bake', `--set=*.contexts.base=${base}`, '--explain', `--cache-report=${file}`, ...flags];
    const { stderr } = await bench.slipway(words, { cwd: bench.context });
    return { stderr, reports: JSON.parse(readFileSync(file, 'utf8')) as Record<string, CacheReport> };
  };
  assert.equal(Object.keys((await bake()).reports), ['a', 'b']);
  const { stderr, reports } = await bake('--set=b.args.WHO=c');
  assert.equal(misses(reports['a']!), []);
  assert.equal(misses(reports['b']!), [[3, 'ARG WHO has another value']]);
  assert.match(stderr, /^target b:$/m);
  assert.not.match(stderr, /^target a:$/m);
});

test('no value of an argument, a variable or a secret is in the state folder', async () => {
  if (!requireWorkbench()) return;
  const value = 'tangerine-4711';
  await using bench = await workbench({
    Dockerfile:
      'FROM base\nARG TOKEN\nRUN --mount=type=secret,id=key test -n "$TOKEN" && cat /run/secrets/key >/dev/null\n',
    // Another value: an argument that is the secret's is refused.
    key: `${value}-key`,
  });
  const flags = [`--build-arg=TOKEN=${value}`, `--secret=id=key,src=${join(bench.context, 'key')}`];
  const found = await report(bench, flags);
  assert.not.match(JSON.stringify(found), new RegExp(value));
  const { stdout } = await bench.slipway(['explain', '--list', '--json']);
  assert.match(stdout, /"TOKEN": "sha256:/);
  assert.not.match(stdout, new RegExp(value));
});

/** A block of the page: commands behind `$`, and what the last of them prints. */
const block = /```console\n([\s\S]*?)```/.exec(readFileSync(join(top, 'docs/cache.md'), 'utf8'))![1]!;

test('the example of docs/cache.md prints what the page shows', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile:
      'FROM base AS build\nWORKDIR /app\nCOPY package.json ./\nRUN cat package.json > deps\nCOPY . .\nRUN cat src/* > app\nFROM base\nCOPY --from=build /app/app /app\n',
    'package.json': '{}\n',
    'run.sh': '',
    'src/a.js': 'a\n',
  });
  chmodSync(join(bench.context, 'run.sh'), 0o644);
  const lines = block.trimEnd().split('\n');
  const commands = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
  let printed = '';
  for (const command of commands) {
    const [word, ...words] = command.split(' ');
    const cwd = bench.context;
    if (word === 'slipway' && words[0] === 'build') await bench.build(words.slice(1, -1));
    else if (word === 'slipway') printed = (await bench.slipway(words, { cwd })).stdout;
    else if (word === 'chmod') chmodSync(join(cwd, words[1]!), Number.parseInt(words[0]!, 8));
    else if (word === 'touch') writeFileSync(join(cwd, words[0]!), '');
    else throw new Error(`the test knows no ${command}`);
  }
  const steady = (text: string): string =>
    text
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/\d+(?:\.\d+)? s\b/g, 'N s')
      .replace(/^\S*\/Dockerfile: /m, 'Dockerfile: ');
  assert.is(steady(printed), steady(`${lines.filter((line) => !line.startsWith('$ ')).join('\n')}\n`));
});

test.run();
