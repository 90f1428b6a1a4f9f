// Proposals of ignore files: what they say for given contexts, and that no step reads anything else with one.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIgnoredTree } from '../../src/context/ignored-tree.ts';
import { createIgnoreMatcher } from '../../src/dockerfile/ignore.ts';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { SlipwayError } from '../../src/errors.ts';
import { plan } from '../../src/graph/plan.ts';
import type { Tree } from '../../src/seams.ts';
import { keyDigest } from '../../src/tree/key-tree.ts';
import { runThrough } from '../../src/tree/steps.ts';
import { walkTree } from '../../src/tree/walk.ts';
import { type ContextStep, contextSteps, readStep } from '../../src/usage/context-step.ts';
import { type IgnoreProposal, proposeIgnore } from '../../src/usage/propose-ignore.ts';
import { reportUse, type Use } from '../../src/usage/report-use.ts';
import { unusedNodes } from '../support/context-nodes.ts';
import { link, type MemoryNode, memoryTree } from '../support/memory-tree.ts';

const test = suite('usage/propose-ignore');
const platform = { os: 'linux', architecture: 'amd64' };
const heading = '# No step reads these (slipway context --fix)\n';

function stepsOf(text: string): ContextStep[] {
  const outcome = plan({
    dockerfile: parseDockerfile(`FROM scratch\n${text}`, 'Dockerfile'),
    target: undefined,
    buildArgs: {},
    contexts: new Map(),
    ...{ buildPlatform: platform, targetPlatform: platform, platformGiven: false, multiPlatform: false },
    ...{ noCache: false, noCacheFilter: [], network: 'default', allow: [], labels: {} },
    images: new Map(),
  });
  assert.is(outcome.type, 'plan');
  return outcome.type === 'plan'
    ? contextSteps([{ vertex: outcome.plan.target.vertex, inTarget: true }])
    : [];
}

interface Case {
  dockerfile: string;
  files: readonly string[];
  ignore?: string | undefined;
}

/** `path -> target` is a symbolic link. */
const contentOf = (paths: readonly string[]): Record<string, string | MemoryNode> =>
  Object.fromEntries(
    paths.map((path) => {
      const [name, target] = path.split(' -> ');
      return [`/${name}`, target === undefined ? path : link(target)];
    }),
  );

function use({ dockerfile, files, ignore }: Case): Use {
  const own = ignore === undefined ? undefined : { name: '.dockerignore', text: ignore };
  const context = { name: '', source: '.', files: memoryTree(contentOf(files)), ignore: own };
  return runThrough(reportUse([context], stepsOf(dockerfile)));
}

function propose(one: Case): IgnoreProposal {
  const { root } = use(one).contexts[0]!;
  return proposeIgnore({ root, text: one.ignore, file: '.dockerignore' });
}

const lines = (one: Case): string[] => propose(one).lines;

test('what no step reads is named as high up as can be', () => {
  const files = ['src/a', 'src/b', 'docs/x/y', 'docs/z', 'README', 'lib/a', 'lib/sub/b'];
  assert.equal(lines({ dockerfile: 'COPY src lib/sub /', files }), [
    'README',
    'docs',
    'lib/a',
    '.dockerignore',
  ]);
});

test('where nothing is unused the file stays as it is', () => {
  const ignore = 'x\n\n# y';
  assert.equal(propose({ dockerfile: 'COPY . /', files: ['a', '.dockerignore'], ignore }), {
    ...{ text: ignore, lines: [], unnameable: [] },
  });
});

test('where a folder has one file of many, the rest is left out as a whole', () => {
  const files = ['keep', ...Array.from({ length: 9 }, (_, index) => `d/f${index}`), 'other'];
  assert.equal(lines({ dockerfile: 'COPY keep d/f3 /', files }), ['other', 'd/*', '!d/f3', '.dockerignore']);
});

test('a folder that a step lists keeps what may come later', () => {
  const files = Array.from({ length: 5 }, (_, index) => `f${index}.txt`);
  const found = lines({ dockerfile: 'COPY *.js a /', files: ['a', 'x.js', ...files] });
  assert.equal(found, ['f0.txt', 'f1.txt', 'f2.txt', 'f3.txt', 'f4.txt', '.dockerignore']);
});

test('a file that takes something back gets single lines alone, at its end', () => {
  const files = ['keep', 'a.md', 'b.md', '1', '2', '3', '4'];
  const { text } = propose({ dockerfile: 'COPY keep /', files, ignore: '*.md\n!b.md' });
  assert.is(text, `*.md\n!b.md\n\n${heading}1\n2\n3\n4\nb.md\n`);
});

test('comments, blank lines, line ends and a byte order mark stay', () => {
  const files = ['src/a', 'b'];
  const after = (ignore: string): string => propose({ dockerfile: 'COPY src /', files, ignore }).text;
  assert.is(
    after('\uFEFF# mine\r\n\r\n  x  \r\n'),
    `\uFEFF# mine\r\n\r\n  x  \r\n\r\n${heading.trim()}\r\nb\r\n`,
  );
  assert.is(after('x'), `x\n\n${heading}b\n`);
});

test('a second proposal goes on where the first ended', () => {
  const first = propose({ dockerfile: 'COPY src /', files: ['src/a', 'b'], ignore: 'x\n' }).text;
  const second = propose({ dockerfile: 'COPY src /', files: ['src/a', 'b', 'c'], ignore: first }).text;
  assert.is(second, `x\n\n${heading}b\nc\n`);
});

test('names with signs that mean something are escaped', () => {
  const files = ['src/a', '*', 'x?[y]', '!no', '#no', 'back\\slash', 'end '];
  const found = propose({ dockerfile: 'COPY src *.js /', files: [...files, 'src2', 'src3'] });
  const matcher = createIgnoreMatcher(found.text);
  for (const path of files.slice(1)) assert.ok(matcher.ignores(path), path);
  for (const path of ['src/a', 'xay', 'any', 'src9']) assert.not.ok(matcher.ignores(path), path);
});

test('what no line can name is told', () => {
  const { lines: found, unnameable } = propose({
    dockerfile: 'COPY src /',
    files: ['src/a', 'a\nb', 'c\udcff'],
  });
  assert.equal(found, []);
  assert.equal(unnameable, ['/a\nb', '/c\udcff']);
});

test('a link that leads to a source is read, and what it leads to', () => {
  const files = ['l -> d', 'd/a', 'd/b', 'm -> d', 'x', 'y', 'z', 'w'];
  assert.equal(lines({ dockerfile: 'COPY l/a /', files }), ['*', '!d', '!l', 'd/b']);
  assert.equal(lines({ dockerfile: 'RUN --mount=source=m,target=/m x', files }).slice(0, 3), [
    '*',
    '!d',
    '!m',
  ]);
});

test('what a copy with excludes passes over is unused', () => {
  const files = ['d/a.md', 'd/b', 'd/e/c.md', '.dockerignore'];
  const found = lines({ dockerfile: 'COPY --exclude=**/*.md d /', files, ignore: 'x' });
  assert.equal(found, ['.dockerignore', 'd/a.md', 'd/e/c.md']);
});

const names = fc.constantFrom('a', 'b', 'c.txt', 'd.md', '*x', '!e');
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const links = fc.uniqueArray(fc.constantFrom('l -> a', 'a/l -> ../b', 'b/l -> /c.txt', 'm -> nowhere'));
/** None is in the way of another. */
const trees = fc
  .tuple(fc.uniqueArray(paths, { minLength: 1, maxLength: 14 }), links)
  .map(([plain, more]) => [...plain, ...more])
  .map((list) =>
    list.filter((path) => !list.some((other) => other.startsWith(`${path.replace(/ .*/, '')}/`))),
  );
const patterns = fc.constantFrom(
  ...['a', 'b/', '*.md', '**/c.txt', '*', '!a', '!a/b', '!**/c.txt', '# words', '', 'a/*', '!b/a', '\\*x'],
);
const ignores = fc.option(
  fc.array(patterns, { maxLength: 5 }).map((list) => list.join('\n')),
  { nil: undefined },
);
const copies = fc.constantFrom(
  'COPY a /x/',
  'COPY a b /x/',
  'COPY c.txt /x/',
  'COPY *.txt /x/',
  'COPY a/* /x/',
  'COPY */c.txt /x/',
  'COPY --exclude=*.md a /x/',
  'COPY --exclude=a . /x/',
  'COPY --parents **/c.txt /x/',
  'COPY --parents a/b /x/',
  'ADD b/c.txt /x/',
  'COPY l /x/',
  'COPY l/c.txt /x/',
  'COPY a/l/* /x/',
  'COPY a/b/c.txt a/a /x/',
  'RUN --mount=type=bind,source=b,target=/m x',
);
const cases = fc.record({
  files: trees,
  ignore: ignores,
  dockerfile: fc.array(copies, { minLength: 1, maxLength: 3 }).map((list) => list.join('\n')),
});

function keys(steps: readonly ContextStep[], tree: Tree): string[] {
  return steps.flatMap((step) =>
    runThrough(readStep(step, () => tree)).map((key) => {
      if (key instanceof SlipwayError) return key.message;
      return typeof key === 'string' ? key : keyDigest(key);
    }),
  );
}

const shownBy = (tree: Tree, ignore: string): Tree => createIgnoredTree(tree, createIgnoreMatcher(ignore));

test('property: with a proposed file each step has the key that it had', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const files = one.ignore === undefined ? one.files : [...one.files, '.dockerignore'];
      const steps = stepsOf(one.dockerfile);
      const { root } = use({ ...one, files }).contexts[0]!;
      const own = root.children.find(({ name }) => name === '.dockerignore');
      const proposal = proposeIgnore({ root, text: one.ignore, file: '.dockerignore' });
      // A step that reads the file itself reads something else once it is changed: nothing is proposed then.
      if (proposal.lines.length === 0 || (own?.shown && own.readers.length > 0)) return;
      const before = shownBy(memoryTree(contentOf(files)), one.ignore ?? '');
      const after = shownBy(memoryTree(contentOf([...one.files, '.dockerignore'])), proposal.text);
      assert.equal(keys(steps, after), keys(steps, before), proposal.text);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('property: what was left out stays out, and nothing that could be named is left to propose', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { root } = use(one).contexts[0]!;
      const proposal = proposeIgnore({ root, text: one.ignore, file: '.dockerignore' });
      const tree = memoryTree(contentOf(one.files));
      const seen = (ignore: string): Set<string> =>
        new Set([...walkTree(shownBy(tree, ignore), '/')].map(({ path }) => path));
      const before = seen(one.ignore ?? '');
      for (const path of seen(proposal.text)) assert.ok(before.has(path), `${path} came back`);
      const again = use({ ...one, ignore: proposal.text }).contexts[0]!.root;
      if (proposal.text === (one.ignore ?? '')) return;
      for (const { path, entry } of unusedNodes(again))
        assert.ok(entry.type === 'dir' || path === '/.dockerignore', `${path} is still there`);
    }),
    { seed: 11, numRuns: 200 },
  );
});

test('property: a node is shown exactly where a build sees it', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { root } = use(one).contexts[0]!;
      const shown: string[] = [];
      const visit = (node: typeof root): void => {
        if (!node.shown) return;
        shown.push(node.path);
        node.children.forEach(visit);
      };
      visit(root);
      const tree = shownBy(memoryTree(contentOf(one.files)), one.ignore ?? '');
      assert.equal(
        shown,
        [...walkTree(tree, '/')].map(({ path }) => path),
      );
    }),
    { seed: 13, numRuns: 200 },
  );
});

test.run();
