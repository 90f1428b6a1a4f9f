// Why steps missed: each kind of change alone, the root cause, and steps that are found again though lines moved.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRecord, StepRecord } from '../../src/build-record.ts';
import { explainBuild } from '../../src/explain/explain-build.ts';
import type { Cause, ExplainedBuild } from '../../src/explain/explanation.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { KeyTree } from '../../src/seams.ts';

const test = suite('explain/explain-build');

/** A graph of one stage on an image: each step on the one before, as a build would record it. */
interface Draft {
  type: 'exec' | 'copy' | 'mkdir';
  text: string;
  tree: KeyTree;
  /** Digest of what it makes; else of its key. */
  content?: string;
  hits?: boolean;
  outcome?: StepRecord['outcome'];
}

const trees = new Map<Digest, KeyTree>();
let looked: Digest[] = [];
const keyOf = (tree: KeyTree): Digest => digestOf(JSON.stringify(tree));

function build(drafts: Draft[], changes: Partial<BuildRecord> & { base?: string } = {}): BuildRecord {
  const { base = 'a', ...rest } = changes;
  const digest = digestOf(base);
  const image: Omit<StepRecord, 'outcome' | 'keys'> = {
    type: 'image',
    text: `FROM base@${digest}`,
    label: '[1/9]',
    lines: [1, 1],
    inputs: [],
  };
  const context: Omit<StepRecord, 'outcome' | 'keys'> = {
    type: 'context',
    text: '[internal] load build context',
    label: '',
    lines: [2, 2],
    inputs: [],
  };
  const steps: StepRecord[] = [
    { ...image, outcome: 'source', keys: [], digest },
    { ...context, outcome: 'source', keys: [] },
  ];
  let root = digest as string;
  for (const [at, { type, text, tree, content, outcome = 'ran' }] of drafts.entries()) {
    const whole: KeyTree = { type, ...tree, root };
    const key = keyOf(whole);
    trees.set(key, whole);
    const made = digestOf(content ?? key);
    root = digestOf(`${root} ${made}`);
    steps.push({
      ...{
        type,
        text,
        label: `[${at + 2}/9]`,
        lines: [at + 2, at + 2],
        keys: [key],
        outcome,
        seconds: at + 1,
      },
      inputs: type === 'copy' ? [at === 0 ? 0 : at + 1, 1] : [at === 0 ? 0 : at + 1],
      content: made,
    });
  }
  return {
    ...{
      id: 'b',
      started: '2026-01-01T00:00:00.000Z',
      seconds: 1,
      outcome: 'done',
      context: '/a',
      noCache: false,
    },
    ...{
      dockerfile: { path: '/a', digest: digestOf('') },
      platforms: [],
      buildArgs: {},
      caches: [],
      transfers: [],
    },
    steps,
    ...rest,
  };
}

function explain(earlier: BuildRecord | undefined, later: BuildRecord): ExplainedBuild {
  looked = [];
  return explainBuild({
    build: later,
    earlier,
    tree(key) {
      looked.push(key);
      return trees.get(key);
    },
  });
}

const causes = (earlier: BuildRecord | undefined, later: BuildRecord): Cause[][] =>
  explain(earlier, later)
    .steps.slice(2)
    .map((step) => step.causes);

const file = (text: string, mode = '0644'): string => `file ${mode} 0:0 ${digestOf(text)}`;
const copy = (content: KeyTree, tree: KeyTree = {}): Draft => ({
  type: 'copy',
  text: 'COPY . /app',
  tree: {
    destination: '/app',
    chown: '',
    content: { 0: { '0/': { '/': 'dir 0755 0:0', ...content } } },
    ...tree,
  },
});
const run = (text: string, tree: KeyTree = {}): Draft => ({
  type: 'exec',
  text: `RUN ${text}`,
  tree: {
    ...{
      command: JSON.stringify(['sh', '-c', text]),
      script: '',
      env: {},
      workdir: '/',
      user: '',
      mounts: {},
    },
    ...tree,
  },
});

function fileCause(before: KeyTree, after: KeyTree): Cause[] {
  return causes(build([copy(before)]), build([copy(after)]))[0]!;
}

test('a file that changed is named with what changed of it', () => {
  const change = (before: string, after: string) => fileCause({ 'a.txt': before }, { 'a.txt': after });
  const path = { kind: 'file', path: 'a.txt' };
  assert.equal(change(file('x'), file('y')), [
    { ...path, change: 'content', before: digestOf('x'), after: digestOf('y') },
  ]);
  assert.equal(change(file('x'), file('x', '0664')), [
    { ...path, change: 'mode', before: '0644', after: '0664' },
  ]);
  assert.equal(change(file('x'), file('x').replace('0:0', '1:2')), [
    { ...path, change: 'owner', before: '0:0', after: '1:2' },
  ]);
  assert.equal(change(file('x'), 'symlink 0:0 "b c"'), [
    { ...path, change: 'type', before: 'file', after: 'symlink' },
  ]);
  assert.equal(change('symlink 0:0 "b c"', 'symlink 0:0 "d"'), [
    { ...path, change: 'link', before: '"b c"', after: '"d"' },
  ]);
  assert.equal(fileCause({}, { 'a.txt': file('x') }), [{ ...path, change: 'added' }]);
  assert.equal(fileCause({ 'a.txt': file('x') }, {}), [{ ...path, change: 'removed' }]);
  assert.equal(fileCause({ 'b.txt': file('x') }, { 'a.txt': file('x') }), [
    { ...path, change: 'renamed', from: 'b.txt' },
  ]);
  // The mode went with it: then it is another file.
  assert.is(fileCause({ b: file('x') }, { 'a.txt': file('x', '0755') }).length, 2);
});

test('a folder that came with its files is not told of beside them, and an empty one is', () => {
  const folder = (content: KeyTree): KeyTree => ({ '/': 'dir 0755 0:0', ...content });
  assert.equal(fileCause({}, { src: folder({ deep: folder({ a: file('x') }) }) }), [
    { kind: 'file', change: 'added', path: 'src/deep/a' },
  ]);
  assert.equal(fileCause({}, { src: folder({}) }), [{ kind: 'file', change: 'added', path: 'src' }]);
});

test('one match more of a pattern does not rename those behind it', () => {
  const matches = (...names: string[]): Draft => ({
    ...copy({}),
    tree: { content: { 0: Object.fromEntries(names.map((name, at) => [`${at} ${name}`, file(name)])) } },
  });
  assert.equal(causes(build([matches('b.json', 'c.json')]), build([matches('a.json', 'b.json', 'c.json')])), [
    [{ kind: 'file', change: 'added', path: 'a.json' }],
  ]);
});

test('variables are told by name, and an argument as one', () => {
  const env = (values: Record<string, string>) => run('x', { env: values });
  const args = { buildArgs: { A: digestOf('1') } };
  const [found] = causes(
    build([env({ A: '1', B: '1', C: '1' })], args),
    build([env({ A: '2', B: '2', D: '1' })], args),
  );
  assert.equal(found, [
    { kind: 'variable', name: 'A', change: 'changed', argument: true },
    { kind: 'variable', name: 'B', change: 'changed', argument: false },
    { kind: 'variable', name: 'C', change: 'removed', argument: false },
    { kind: 'variable', name: 'D', change: 'added', argument: false },
  ]);
});

test('text, flags, settings and mounts', () => {
  const one = (before: Draft, after: Draft) => causes(build([before]), build([after]))[0];
  assert.equal(one(run('a'), run('b')), [{ kind: 'instruction', before: 'RUN a', after: 'RUN b' }]);
  assert.equal(one(copy({}), copy({}, { chown: '1:1' })), [
    { kind: 'flag', name: 'chown', before: '', after: '1:1' },
  ]);
  assert.equal(one(run('a'), run('a', { user: 'app' })), [
    { kind: 'setting', name: 'user', before: '', after: 'app' },
  ]);
  const settings = (hosts: string) => run('a', { settings: { hostname: 'x', hosts } });
  assert.equal(one(settings(''), settings('db')), [
    { kind: 'setting', name: 'hosts', before: '', after: 'db' },
  ]);
  const mount = (options: KeyTree) =>
    run('a', { mounts: { 0: { type: 'tmpfs', target: '/t', size: '1', ...options } } });
  assert.equal(one(run('a'), mount({})), [{ kind: 'mount', target: '/t', change: 'added' }]);
  assert.equal(one(mount({}), run('a')), [{ kind: 'mount', target: '/t', change: 'removed' }]);
  assert.equal(one(mount({}), mount({ size: '2' })), [{ kind: 'mount', target: '/t', change: 'changed' }]);
});

test('what stands on a change has it for its root, and what made the same again stops it', () => {
  const steps = (text: string) => [
    copy({ a: file(text) }),
    { ...run('sum a'), content: 'same' },
    run('last'),
  ];
  const before = build([...steps('x')]);
  const after = build([...steps('y')]);
  const explained = explain(before, after);
  assert.equal(
    explained.steps.map(({ root }) => root),
    [undefined, undefined, 2, 2, 2],
  );
  assert.equal(explained.steps[3]!.causes, [{ kind: 'parent', step: 2 }]);
  assert.equal(explained.seconds, { ran: 6, saved: 0 });
});

test('a moved base is told at its FROM, and is the root of all', () => {
  const [before, after] = [build([run('a'), run('b')]), build([run('a'), run('b')], { base: 'b' })];
  const { steps } = explain(before, after);
  assert.equal(steps[0]!.causes, [
    { kind: 'base', before: `base@${digestOf('a')}`, after: `base@${digestOf('b')}` },
  ]);
  assert.equal(
    steps.map(({ root }) => root),
    [0, undefined, 0, 0],
  );
});

test('nothing that changed: no result before, none any more, one that was too old, or --no-cache', () => {
  const again = (outcome: StepRecord['outcome'], changes: Partial<BuildRecord> = {}) =>
    causes(build([{ ...run('a'), outcome }]), build([run('a')], changes))[0];
  assert.equal(again('ran'), [{ kind: 'pruned' }]);
  assert.equal(again('hit'), [{ kind: 'pruned' }]);
  assert.equal(again('failed'), [{ kind: 'not-stored' }]);
  assert.equal(again('ran', { cacheTTL: 1 }), [{ kind: 'pruned' }]);
  const old = build([run('a')]);
  old.steps[2]!.expired = '2026-01-01T00:00:00.000Z';
  assert.equal(causes(build([run('a')]), old)[0], [{ kind: 'expired' }]);
  const anew = build([run('a')]);
  anew.steps[2]!.ignoresCache = true;
  assert.equal(causes(build([run('a')]), anew), [[{ kind: 'no-cache' }]]);
  assert.equal(causes(undefined, build([run('a')])), [[{ kind: 'first-build' }]]);
});

test('a result that came from a cache which was not there this time', () => {
  const before = build([{ ...run('a'), outcome: 'hit' }]);
  before.steps[2]!.source = 'registry.example.com/app:cache';
  const name = 'registry.example.com/app:cache';
  assert.equal(causes(before, build([run('a')])), [[{ kind: 'not-asked', cache: name }]]);
  assert.equal(causes(before, build([run('a')], { caches: [{ name, answer: 'failed' }] })), [
    [{ kind: 'not-asked', cache: name }],
  ]);
  assert.equal(causes(before, build([run('a')], { caches: [{ name, answer: 'read' }] })), [
    [{ kind: 'pruned' }],
  ]);
});

test('a tree that is gone is said to be unknown', () => {
  const [before, after] = [build([run('a')]), build([run('b')])];
  trees.delete(before.steps[2]!.keys[0]!);
  assert.equal(causes(before, after), [[{ kind: 'unknown' }]]);
});

test('no tree is looked at where all hit as before', () => {
  const hit = (one: Draft): Draft => ({ ...one, outcome: 'hit' });
  const before = build([copy({ a: file('x') }), run('a')]);
  const after = build([hit(copy({ a: file('x') })), hit(run('a'))]);
  assert.equal(causes(before, after), [[], []]);
  assert.equal(looked, []);
  assert.equal(explain(before, after).seconds, { ran: 0, saved: 3 });
});

test('a step is known though lines moved: what was put in front is new, what was edited is the one in its place', () => {
  const before = build([run('a'), run('b'), run('c')]);
  const after = build([run('new'), run('a'), run('B'), run('c')]);
  const { steps } = explain(before, after);
  assert.equal(
    steps.slice(2).map(({ earlier }) => earlier),
    [undefined, 2, 3, 4],
  );
  assert.equal(steps[2]!.causes, [{ kind: 'new-step' }]);
  assert.equal(steps[4]!.causes, [
    { kind: 'parent', step: 3 },
    { kind: 'instruction', before: 'RUN b', after: 'RUN B' },
  ]);
});

test.run();
