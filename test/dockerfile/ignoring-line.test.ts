// The line of an ignore file that decides about a path.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIgnoreMatcher } from '../../src/dockerfile/ignore.ts';
import { ignoringLine } from '../../src/dockerfile/ignoring-line.ts';

const test = suite('ignoring line');

test('the line is counted with comments and empty ones, and is the last that turned the path round', () => {
  const text = '# all\n\n*.log\n!keep.log\n  keep.log\nnode_modules\n';
  assert.equal(ignoringLine(text, 'a.log'), { line: 3, pattern: '*.log' });
  assert.equal(ignoringLine(text, 'keep.log'), { line: 5, pattern: 'keep.log' });
  assert.equal(ignoringLine(text, 'node_modules/a/b'), { line: 6, pattern: 'node_modules' });
  assert.is(ignoringLine(text, 'src/a.js'), undefined);
  assert.is(ignoringLine('', 'a'), undefined);
});

test('there is a line exactly for what is left out', () => {
  const line = fc.stringMatching(/^!?(\*\*\/)?[ab*](\/[ab*])?$/);
  const path = fc.stringMatching(/^[ab](\/[ab]){0,2}$/);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), path, (lines, one) => {
      const text = lines.join('\n');
      const found = ignoringLine(text, one);
      assert.is(found !== undefined, createIgnoreMatcher(text).ignores(one));
      if (!found) return;
      assert.is(found.pattern, lines[found.line - 1]);
      const upTo = (count: number): string => lines.slice(0, count).join('\n');
      const left = lines.map((_, index) => createIgnoreMatcher(upTo(index)).ignores(one));
      assert.is(found.line, left.lastIndexOf(false) + 1);
    }),
    { seed: 7, numRuns: 400 },
  );
});

test.run();
