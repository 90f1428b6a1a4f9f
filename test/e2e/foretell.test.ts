// What `slipway explain --if-changed` foretells, held against what then happens when the files really change.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport, Foretold } from '../../src/index.ts';
import { top } from '../support/cli.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e foretell');

const files = {
  Dockerfile: `FROM base AS deps
COPY package.json *.lock /app/
RUN cat /app/package.json > /deps
FROM deps AS build
COPY --parents --exclude=**/*.md src/./lib /src/
COPY --chmod=644 src /all
RUN --mount=type=bind,source=conf,target=/conf wc -l < /conf/x > /lines
FROM base
COPY --from=build /lines /lines
COPY --link docs /docs
COPY --from=other data /data
RUN cat /data > /data2
`,
  '.dockerignore': 'node_modules\n*.log\n',
  'package.json': '{}\n',
  'src/lib/a.js': 'a\n',
  'src/lib/a.md': 'a\n',
  'conf/x': 'x\n',
  'docs/index.md': '\n',
  'unused.txt': '',
};

/** Lines of the steps that a build ran. */
async function missed(bench: Workbench, flags: readonly string[]): Promise<number[]> {
  const file = bench.file('report.json');
  await bench.build([`--cache-report=${file}`, ...flags]);
  const { steps } = JSON.parse(readFileSync(file, 'utf8')) as CacheReport;
  return steps.filter(({ outcome }) => outcome === 'ran').map(({ lines }) => lines[0]);
}

const inOrder = (lines: Iterable<number>): number[] => [...new Set(lines)].sort((a, b) => a - b);

test('the steps that are foretold are those that run, for each file that is changed or added', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench(files);
  const other = bench.file('other');
  mkdirSync(other);
  writeFileSync(join(other, 'data'), '1\n');
  const flags = [`--build-context=other=${other}`];
  await bench.build(flags);
  const foretell = async (...paths: string[]): Promise<Foretold> =>
    JSON.parse(
      (await bench.slipway(['explain', '--json', '--if-changed', ...paths], { cwd: bench.context })).stdout,
    );
  const cases: [path: string, content: string, certain: number[], possible: number[]][] = [
    ['package.json', '{"a":1}\n', [2, 3, 5, 6, 7], [9, 11, 12]],
    ['yarn.lock', 'new\n', [2, 3, 5, 6, 7], [9, 11, 12]],
    ['src/lib/a.js', 'A\n', [5, 6, 7], [9, 11, 12]],
    ['src/lib/a.md', 'A\n', [6, 7], [9, 11, 12]],
    ['conf/x', 'y\ny\n', [7], [9, 11, 12]],
    ['docs/new/page.md', 'n\n', [10, 11, 12], []],
    [join(other, 'data'), '2\n', [11, 12], []],
    ['unused.txt', 'x', [], []],
    ['debug.log', 'x', [], []],
  ];
  for (const [path, content, certain, possible] of cases) {
    const { steps } = await foretell(path);
    const told = (which: string): number[] =>
      inOrder(steps.filter(({ certainty }) => certainty === which).map(({ lines }) => lines[0]));
    assert.equal(told('runs'), certain, path);
    assert.equal(told('may-run'), possible, path);
    assert.ok(
      steps.every(({ seconds }) => seconds !== null),
      `each step of ${path} has run before`,
    );
    const file = path.startsWith('/') ? path : join(bench.context, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    const ran = inOrder(await missed(bench, flags));
    assert.equal(
      certain.filter((line) => !ran.includes(line)),
      [],
      `${path}: what is certain runs`,
    );
    assert.equal(
      ran.filter((line) => !certain.includes(line) && !possible.includes(line)),
      [],
      `${path}: nothing else runs`,
    );
  }
});

test('each path for which nothing runs has its reason, and several are told of at once', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ ...files, Dockerfile: 'FROM base\nARG X=1\nCOPY src /src\n' });
  await bench.build(['--build-arg=X=2']);
  const paths = [
    'node_modules/a',
    'a.log',
    'unused.txt',
    '/etc/passwd',
    '*.q',
    'Dockerfile',
    '.dockerignore',
    'src',
  ];
  const { stdout } = await bench.slipway(['explain', '--if-changed', ...paths], { cwd: bench.context });
  assert.is(
    stdout.replace(/\d+(?:\.\d+)? s\b/g, 'N s'),
    `node_modules/a: nothing: line 1 of .dockerignore leaves it out: node_modules
a.log: nothing: line 2 of .dockerignore leaves it out: *.log
unused.txt: nothing: no step reads it
/etc/passwd: nothing: it is in no folder that the build reads
*.q: nothing: no file of the context matches it
Dockerfile: it is the Dockerfile: a step runs where its own words change, and what stands on it
.dockerignore: it is the ignore file: a step runs where other files come to be read
[2/2] COPY src /src  (line 3)
  runs: N s
  reads src
the newest build had other values of X: give them with --build-arg to be exact
1 would run, which took N s
`,
  );
  const none = await bench.slipway(['explain', '--if-changed', 'unused.txt', '--build-arg=X=2'], {
    cwd: bench.context,
  });
  assert.is(none.stdout, 'unused.txt: nothing: no step reads it\nnothing would run\n');
  const wrong = await bench.slipway(['explain', '--target=x'], { cwd: bench.context });
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /--target belongs to --if-changed/);
});

test('the example of docs/cache.md prints what the page shows', async () => {
  if (!requireWorkbench()) return;
  const page = readFileSync(join(top, 'docs/cache.md'), 'utf8');
  const [, words, shown] = /^\$ slipway (explain --if-changed .*)\n([\s\S]*?)^```$/m.exec(page)!;
  await using bench = await workbench({
    Dockerfile:
      'FROM base AS build\nWORKDIR /app\nCOPY package.json ./\nRUN cat package.json > deps\nCOPY src src\nRUN cat src/* > app\nFROM base\nCOPY --from=build /app/app /app\n',
    '.dockerignore': '.git\n*.log\n',
    'package.json': '{}\n',
    'README.md': '',
    'src/a.js': 'a\n',
  });
  await bench.build();
  const { stdout } = await bench.slipway(words!.split(' '), { cwd: bench.context });
  const steady = (text: string): string => text.replace(/\d+(?:\.\d+)? s\b/g, 'N s');
  assert.is(steady(stdout), steady(shown!));
});

test.run();
