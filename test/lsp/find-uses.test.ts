// Names of stages and variables: where they are given, where they are used, and what a new name changes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { definitionsOf, referencesOf, renameEdits, renameRange } from '../../src/lsp/find-uses.ts';
import { withEdits } from '../support/lsp-client.ts';
import { marked } from './outline-of.ts';

const test = suite('lsp/find-uses');

function renamed(text: string, name = 'NEW'): string {
  const { outline, offset, text: plain } = marked(text);
  return withEdits(plain, renameEdits(outline, offset, name));
}

const linesOf = (ranges: readonly { range: { start: { line: number } } }[]) =>
  ranges.map(({ range }) => range.start.line);

test('a variable is the same in front of FROM, in stages that declare it, and in those built on them', () => {
  assert.is(
    renamed(
      'ARG A|=1\nFROM x:$A AS s\nRUN $A\nARG A\nRUN ${A:-$A} \\$A\nFROM s\nRUN $A\nFROM y\nENV A=2\nRUN $A\n',
    ),
    'ARG NEW=1\nFROM x:$NEW AS s\nRUN $NEW\nARG NEW\nRUN ${NEW:-$NEW} \\$A\nFROM s\nRUN $NEW\nFROM y\nENV A=2\nRUN $A\n',
  );
  assert.is(
    renamed('ARG A=1\nFROM x:$A\nENV A=2\nRUN $A| $AB\n'),
    'ARG A=1\nFROM x:$A\nENV NEW=2\nRUN $NEW $AB\n',
  );
});

test('names are found over continued lines, among pairs, and in heredocs that are expanded', () => {
  assert.is(
    renamed(
      'FROM x\nENV A=1 \\\n  # A=0\n  B|="A=b" C=$B\nRUN <<E\n$B\nE\nCOPY <<"E" <<F /d\n$B\nE\n$B\nF\n',
    ),
    'FROM x\nENV A=1 \\\n  # A=0\n  NEW="A=b" C=$NEW\nRUN <<E\n$NEW\nE\nCOPY <<"E" <<F /d\n$B\nE\n$NEW\nF\n',
  );
  assert.is(renamed('FROM x\nENV A| b c\nRUN $A\n'), 'FROM x\nENV NEW b c\nRUN $NEW\n');
});

test('a stage is named by FROM, COPY and mounts, in any case, and its number is left alone', () => {
  assert.is(
    renamed(
      'FROM x AS one|\nFROM --platform=$P ONE AS two\nCOPY --link --from=One a b\nRUN --mount=type=bind,from=one --mount=from=two true\nCOPY --from=0 a b\n',
      'first',
    ),
    'FROM x AS first\nFROM --platform=$P first AS two\nCOPY --link --from=first a b\nRUN --mount=type=bind,from=first --mount=from=two true\nCOPY --from=0 a b\n',
  );
});

test('an image that is called as a stage below is no use of it', () => {
  const { outline, offset } = marked('FROM debian\nFROM x AS deb|ian\nCOPY --from=debian a b\nFROM debian\n');
  assert.equal(linesOf(referencesOf(outline, offset, true)), [1, 3]);
});

test('the definition of a variable is the nearest above', () => {
  const at = (text: string) => {
    const { outline, offset } = marked(text);
    return linesOf(definitionsOf(outline, offset));
  };
  assert.equal(at('FROM x\nENV A=1\nENV A=2\nRUN $A|\nENV A=3\n'), [2]);
  assert.equal(at('ARG A=1\nFROM x:${|A}\n'), [0]);
  assert.equal(at('FROM x AS s\nFROM y\nCOPY --from=0| a b\n'), [0]);
  assert.equal(at('FROM x\nRUN $A|\n'), []);
});

test('what nothing in the file names is not renamed, and no name is taken twice', () => {
  const range = (text: string) => {
    const { outline, offset } = marked(text);
    return renameRange(outline, offset);
  };
  assert.is(range('FROM x\nRUN $A|\n'), undefined);
  assert.is(range('FROM x\nARG TARGETARCH|\n'), undefined);
  assert.is(range('FROM x AS s\nCOPY --from=0| a b\n'), undefined);
  assert.is(range('FROM x AS s\nRUN tr|ue\n'), undefined);
  assert.throws(() => renamed('FROM x AS a|\nFROM y AS b\n', 'B'), /there is a stage B already/);
  assert.throws(() => renamed('FROM x\nENV A|=1\n', '1'), /is no name of a variable/);
});

test.run();
