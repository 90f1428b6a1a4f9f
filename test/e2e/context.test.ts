// `slipway context` on the built command line: what it says of folders, archives and repositories, and that its ignore files change no step.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tarOf } from '../compatibility/tar-of.ts';
import { cachedNames, slipway } from '../support/cli.ts';
import { commitFiles, hasGit, publish, startGitServer } from '../support/git-server.ts';
import { requireFeature } from '../support/require-feature.ts';
import type { CommandResult } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e context');

interface Entry {
  path: string;
  kept: boolean;
  decidedBy: string | null;
  readBy: number[];
  used: boolean;
}

interface Document {
  contexts: {
    name: string;
    source: string;
    ignoreFile: string | null;
    kept: { files: number; bytes: number };
    unused: { files: number; bytes: number };
    entries: Entry[];
  }[];
  steps: { name: string; line: number; inTarget: boolean; files: number; problems: string[] }[];
  notes: string[];
  proposal?: { file: string; lines: string[]; text: string };
  why?: { path: string; context: string; exists: boolean; decidedBy: string | null; readBy: number[] }[];
}

const dockerfile = `# words
FROM base AS build
ARG DIR=src
COPY \${DIR} /src
COPY package*.json /src/
RUN --mount=type=bind,source=conf,target=/conf cat /conf/x > /out
COPY <<EOF /note
hello
EOF
FROM base AS test
COPY --parents test/**/*.txt /
FROM base
COPY --from=build /out /out
ADD --exclude=*.md docs /docs
`;
const files = {
  Dockerfile: dockerfile,
  '.dockerignore': '# mine\n\n*.log\n!keep.log\nnode_modules\n',
  'src/a.js': 'a\n',
  'src/lib/b.js': 'b\n',
  'package.json': '{}\n',
  'package-lock.json': '{}\n',
  'conf/x': 'x\n',
  'test/deep/t.txt': 't\n',
  'test/t.js': 't\n',
  'docs/page.html': 'p\n',
  'docs/notes.md': 'n\n',
  'node_modules/x/index.js': '0123456789\n',
  'a.log': '1\n',
  'keep.log': '2\n',
  'README.md': 'readme\n',
  'odd [name]*': 'o\n',
};

const context = (bench: Workbench, ...flags: string[]): Promise<CommandResult> =>
  bench.slipway(['context', bench.base.flag, ...flags, bench.context]);

async function document(bench: Workbench, ...flags: string[]): Promise<Document> {
  const result = await context(bench, '--json', ...flags);
  assert.is(result.code, 0, result.stderr);
  return JSON.parse(result.stdout) as Document;
}

const entry = ({ contexts }: Document, path: string): Entry =>
  contexts[0]!.entries.find((one) => one.path === path)!;

test('each path has who decided and who reads it', async () => {
  await using bench = await workbench(files);
  const found = await document(bench);
  const line = (path: string): number[] => entry(found, path).readBy.map((step) => found.steps[step]!.line);
  const decided = (path: string): string | null =>
    entry(found, path).decidedBy?.replace(/^.*(?=\.dockerignore)/, '') ?? null;
  assert.equal(
    ['src/a.js', 'package-lock.json', 'conf/x', 'test/deep/t.txt', 'test/t.js', 'docs/page.html'].map(line),
    [[4], [5], [6], [11], [], [14]],
  );
  assert.equal(['docs/notes.md', 'README.md', 'keep.log'].map(line), [[], [], []]);
  assert.equal(['a.log', 'keep.log', 'node_modules/x/index.js', 'src/a.js'].map(decided), [
    '.dockerignore:3:*.log',
    '.dockerignore:4:!keep.log',
    '.dockerignore:5:node_modules',
    null,
  ]);
  assert.is(entry(found, 'a.log').kept, false);
  assert.is(entry(found, 'keep.log').kept, true);
  const steps = found.steps.map(({ line: at, inTarget, files: count }) => [at, inTarget, count]);
  assert.equal(steps, [
    [4, true, 2],
    [5, true, 2],
    [6, true, 1],
    [11, false, 1],
    [14, true, 1],
  ]);
});

test('arguments, targets and the names of a Dockerfile count as in a build', async () => {
  await using bench = await workbench({
    ...files,
    'other.Dockerfile': 'FROM base\nCOPY a.log /\nCOPY missing /\n',
    'other.Dockerfile.dockerignore': 'src\n',
  });
  const test2 = await document(bench, '--target=test');
  assert.equal(
    test2.steps.map(({ line }) => line),
    [11],
  );
  const tests = await document(bench, '--build-arg=DIR=test');
  assert.equal(entry(tests, 'src/a.js').readBy, []);
  const other = await document(bench, '-f', `${bench.context}/other.Dockerfile`);
  assert.match(other.contexts[0]!.ignoreFile!, /other\.Dockerfile\.dockerignore$/);
  assert.is(entry(other, 'a.log').used, true);
  assert.is(entry(other, 'src').kept, false);
  assert.match(other.steps[1]!.problems[0]!, /"\/missing": not found/);
});

test('the text has the tree, the steps and what no step reads', async () => {
  await using bench = await workbench(files);
  const { stdout, code } = await context(bench);
  assert.is(code, 0);
  assert.match(stdout, /^left out: 13B in 2 files$/m);
  assert.match(stdout, /^4B +2 +src\/ +no pattern +Dockerfile:4$/m);
  assert.match(stdout, /^\(11B\) +1 +node_modules\/ +.*\.dockerignore:5:node_modules +left out$/m);
  assert.match(stdout, /^4B +2 +docs\/ +no pattern +Dockerfile:14; 1 file unread$/m);
  assert.match(stdout, /^ {2}Dockerfile:11 \[test 2\/2\] COPY .* \(not in this target\): 2B in 1 file$/m);
  const flat = await context(bench, '--depth=1');
  assert.not.match(flat.stdout, /page\.html/);
  const unused = await context(bench, '--unused', '--sort=size');
  const paths = unused.stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ {3,}/).at(-1));
  assert.equal(paths.slice(0, 3), ['Dockerfile', '.dockerignore', 'README.md']);
  assert.equal([...paths].sort(), [
    ...['.dockerignore', 'Dockerfile', 'README.md', 'docs/notes.md', 'keep.log', 'odd [name]*', 'test/t.js'],
  ]);
});

test('--why answers for single paths, there or not', async () => {
  await using bench = await workbench(files);
  const asked = ['src', 'a.log', 'new.log', './docs/notes.md', 'nothing'].flatMap((path) => ['--why', path]);
  const { stdout } = await context(bench, ...asked);
  assert.equal(
    stdout
      .trim()
      .replaceAll(/\S*(?=\.dockerignore)/g, '')
      .split('\n'),
    [
      'src: kept: no pattern; read by Dockerfile:4 [build 2/5] COPY ${DIR} /src',
      'a.log: left out by .dockerignore:3:*.log',
      'new.log: is not there; what decides about it: .dockerignore:3:*.log',
      'docs/notes.md: kept: no pattern; no step reads it',
      'nothing: is not there; what decides about it: no pattern',
    ],
  );
});

for (const [title, extra] of [
  ['an ignore file that is there', {}],
  ['one with nothing taken back', { '.dockerignore': '*.log\r\nnode_modules' }],
  ['none', { '.dockerignore': undefined }],
] as const)
  test(`after --fix with ${title} every step still hits, and nothing is unused`, async () => {
    const own = Object.entries({ ...files, ...extra }).flatMap(([path, text]) =>
      text === undefined ? [] : [[path, text] as const],
    );
    await using bench = await workbench(Object.fromEntries(own));
    const path = `${bench.context}/.dockerignore`;
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    await bench.build();
    await bench.build(['--target=test']);
    const diff = await context(bench, '--diff');
    assert.match(diff.stdout, /^\+README\.md|^\+\*/m);
    assert.is(existsSync(path) ? readFileSync(path, 'utf8') : '', before);
    const fixed = await context(bench, '--fix');
    assert.is(fixed.code, 0, fixed.stderr);
    assert.match(fixed.stderr, /leaves out \d+ files, \d+B, that no step reads/);
    assert.ok(readFileSync(path, 'utf8').includes(before));
    for (const [flags, steps] of [
      [[], 6],
      [['--target=test'], 1],
      [['--target=build'], 4],
    ] as const)
      assert.is(cachedNames(await bench.build(flags)).length, steps, flags.join());
    const after = await document(bench);
    assert.is(after.contexts[0]!.unused.files, 0);
    assert.match((await context(bench, '--fix')).stderr, /nothing to leave out/);
  });

test('a file that a step copies itself is not changed', async () => {
  await using bench = await workbench({
    Dockerfile: 'FROM scratch\nCOPY --exclude=docs . /\n',
    '.dockerignore': 'x\n',
    'docs/a': 'a',
  });
  const { stdout, stderr } = await context(bench, '--fix');
  assert.is(stdout, '');
  assert.match(stderr, /nothing is proposed: Dockerfile:2 .* reads .*\.dockerignore itself/);
  assert.is(readFileSync(`${bench.context}/.dockerignore`, 'utf8'), 'x\n');
});

test('a budget that is not kept has an exit code of its own', async () => {
  await using bench = await workbench(files);
  assert.is((await context(bench, '--budget=context=1MB,unused=900B')).code, 0);
  const over = await context(bench, '--unused', '--budget=context=100B', '--budget=unused=1%');
  assert.is(over.code, 4);
  assert.match(over.stderr, /over its budget: context=100B, and it is \d+B; unused=1%, and it is \d+B\n/);
  assert.match(over.stdout, /README\.md/);
  const wrong = await context(bench, '--budget=image=1MB');
  assert.is(wrong.code, 2);
});

test('named contexts have their own ignore files, and are not mended', async () => {
  await using bench = await workbench({
    Dockerfile: 'FROM scratch\nCOPY --from=lib a /\nCOPY main /\n',
    main: 'm',
  });
  const lib = bench.file('lib');
  mkdirSync(lib);
  await bench.write({ '../lib/a': 'a', '../lib/b': 'b', '../lib/c': 'c', '../lib/.dockerignore': 'c\n' });
  const found = await document(bench, `--build-context=lib=${lib}`);
  assert.equal(
    found.contexts.map(({ name, unused }) => [name, unused.files]),
    [
      ['', 1],
      ['lib', 2],
    ],
  );
  const { stdout } = await context(bench, `--build-context=lib=${lib}`, '--why=c');
  assert.match(stdout, /^c: is not there.*\nlib: c: left out by .*\.dockerignore:1:c$/m);
  await context(bench, `--build-context=lib=${lib}`, '--fix');
  assert.is(readFileSync(`${lib}/.dockerignore`, 'utf8'), 'c\n');
});

test("a stored base image's triggers and variables count", async () => {
  await using bench = await workbench({
    ...{ Dockerfile: 'FROM app-base\nCOPY $PLACE /\n', 'in/a': 'a', trigger: 't', other: 'o' },
    'base.Dockerfile': 'FROM scratch\nENV PLACE=in\nONBUILD COPY trigger /\n',
  });
  await bench.build(['-f', `${bench.context}/base.Dockerfile`, '-t', 'app-base']);
  const { contexts, notes, proposal } = await document(bench, '--diff');
  assert.equal(
    contexts[0]!.entries.filter(({ used }) => used).map(({ path }) => path),
    ['in', 'in/a', 'trigger'],
  );
  assert.equal(proposal!.lines, ['Dockerfile', 'base.Dockerfile', 'other', '.dockerignore']);
  assert.equal(
    notes.map((note) => note.replace(/ may be.*/, '')),
    ['base.Dockerfile'],
  );
});

test('a copy of all with no ignore file is pointed out', async () => {
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nCOPY . /\n', a: 'a' });
  assert.match((await context(bench)).stderr, /^note: Dockerfile:2 copies all of the context.*SW002/m);
  await bench.write({ '.dockerignore': 'x\n' });
  assert.is((await context(bench)).stderr, '');
});

test('archives and repositories: no ignore file counts there', async () => {
  await using bench = await workbench();
  const remote = { Dockerfile: 'FROM scratch\nCOPY a /\n', a: 'a', b: 'bb', '.dockerignore': 'b\n' };
  const summary = ({ contexts: [main] }: Document): unknown => [main!.kept.files, main!.unused.files];
  const piped = await bench.slipway(['context', '--json', '-'], { input: tarOf(remote) });
  assert.equal(summary(JSON.parse(piped.stdout) as Document), [4, 3]);
  const text = await bench.slipway(['context', '-'], { input: 'FROM scratch\nLABEL a=1\n' });
  assert.match(text.stdout, /it is empty\n\nSTEPS\n {2}no step reads the context/);
  const refused = await bench.slipway(['context', '--fix', '-'], { input: tarOf(remote) });
  assert.match(refused.stderr, /no ignore file is proposed/);
  if (!requireFeature('git', hasGit())) return;
  const work = bench.file('work');
  commitFiles(work, remote);
  publish(work, bench.file('repositories/app.git'));
  await using server = await startGitServer(bench.file('repositories'));
  const cloned = await bench.slipway(['context', '--json', `${server.url}/app.git`]);
  assert.is(cloned.code, 0, cloned.stderr);
  assert.equal(summary(JSON.parse(cloned.stdout) as Document), [4, 3]);
});

test('a base image that is not stored is told of, and the state folder is not made', async () => {
  await using bench = await workbench({ Dockerfile: 'FROM registry.invalid/app:1\nCOPY a /\n', a: 'a' });
  const root = bench.file('nowhere');
  const result = await slipway(['context', bench.context], { root, cwd: bench.path });
  assert.is(result.code, 0);
  assert.match(result.stderr, /note: registry\.invalid\/app:1 is not stored here/);
  assert.not.ok(existsSync(root));
  const proposed = await slipway(['context', '--diff', '--offline', bench.context], {
    root,
    cwd: bench.path,
  });
  assert.is(proposed.code, 3);
  assert.match(proposed.stderr, /registry\.invalid\/app:1, or a layer of it, is not here/);
});

if (requireWorkbench()) test.run();
