// What holds of any two builds and any two trees of files.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepRecord } from '../../src/build-record.ts';
import { compareFiles } from '../../src/explain/compare-files.ts';
import { matchSteps } from '../../src/explain/match-steps.ts';
import type { KeyTree } from '../../src/seams.ts';

const test = suite('explain/properties');
const runs = { seed: 7, numRuns: 300 };

const entry = fc.constantFrom(
  'file 0644 0:0 sha256:a',
  'file 0644 0:0 sha256:b',
  'file 0755 0:0 sha256:a',
  'symlink 0:0 "x"',
);
const flat = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f', 'g/h/i'), entry);

/** Paths as folders in folders. */
function nested(paths: Record<string, string>): KeyTree {
  const root: KeyTree = { '/': 'dir 0755 0:0' };
  for (const [path, value] of Object.entries(paths)) {
    const names = path.split('/');
    let node = root;
    for (const name of names.slice(0, -1)) {
      node[name] ??= { '/': 'dir 0755 0:0' };
      node = node[name] as KeyTree;
    }
    node[names.at(-1)!] = value;
  }
  return root;
}

test('done to the files as they were, the changes give those that are now', () => {
  fc.assert(
    fc.property(flat, flat, (before, after) => {
      const files = new Map(Object.entries(before));
      for (const one of compareFiles(nested(before), nested(after))) {
        if (one.change === 'removed') files.delete(one.path);
        else if (one.change === 'renamed') {
          assert.is(before[one.from], after[one.path]);
          files.delete(one.from);
          files.set(one.path, after[one.path]!);
        } else {
          assert.is(files.has(one.path), one.change !== 'added');
          if ('before' in one) assert.is.not(one.before, one.after);
          files.set(one.path, after[one.path]!);
        }
      }
      assert.equal(new Map([...files].sort()), new Map(Object.entries(after).sort()));
    }),
    runs,
  );
});

const stepsOf = (texts: readonly string[]): StepRecord[] =>
  texts.map((text, at) => ({
    ...{ type: 'exec', text, label: `[${at}/9]`, lines: [at, at], inputs: [], outcome: 'ran', keys: [] },
  }));
const texts = fc.array(fc.constantFrom('RUN a', 'RUN b', 'RUN c', 'RUN d'), { maxLength: 8 });

test('steps are paired once and in their order, and as many as could be; those of the same build with themselves', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const pairs = [...matchSteps(stepsOf(before), stepsOf(after))].sort(([a], [b]) => a - b);
      const earlier = pairs.map(([, one]) => one);
      assert.equal(
        earlier,
        [...new Set(earlier)].sort((a, b) => a - b),
      );
      assert.is(matchSteps(stepsOf(after), stepsOf(after)).size, after.length);
      for (const [later, one] of matchSteps(stepsOf(after), stepsOf(after))) assert.is(later, one);
      if (before.length > 0 && after.length > 0)
        assert.ok(pairs.length > 0 || before.every((text) => !after.includes(text)));
    }),
    runs,
  );
});

test.run();
