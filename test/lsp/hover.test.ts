// What is said of a place: values as far as the file tells, and no more.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hoverText } from '../../src/lsp/hover.ts';
import { marked } from './outline-of.ts';

const test = suite('lsp/hover');

function hover(text: string): string {
  const { outline, offset } = marked(text);
  return hoverText(outline, offset, { findings: [], host: { page: () => undefined } })?.text ?? '';
}

test('a variable has the value that holds there', () => {
  assert.match(hover('FROM x\nENV A=1\nENV A=2 B=$A|\nENV A=3\n'), /^ENV `A`, line 2: = `1`$/);
  assert.match(hover('FROM x\nENV A=1\nENV A|=2\n'), /^ENV `A`, line 3: = `2`$/);
  assert.match(hover('ARG A=1\nFROM x\nRUN $A|\n'), /^$/, 'it is declared in front of FROM alone');
  assert.match(
    hover('ARG A=1\nFROM x\nARG A\nRUN $A|\n'),
    /^ARG `A`, line 3: = `1`, unless `--build-arg A=…`/,
  );
  assert.match(hover('FROM x\nENV A=1\nARG A=2\nRUN $A|\n'), /^ENV `A`, line 2: = `1`$/, 'ENV counts more');
  assert.match(hover('FROM x AS s\nENV A=`\nFROM s\nUSER $A|\n'), /line 2: = `` ` ``$/);
});

test('what only the build knows is not made up', () => {
  assert.match(hover('FROM x\nARG A\nUSER $A|\n'), /line 2: the value is known when it is built, unless/);
  assert.match(hover('FROM x\nENV PATH=/b:$PATH\nUSER $PATH|\n'), /the value is known when it is built$/);
  assert.match(hover('FROM --platform=$BUILDPLATFORM| x\n'), /set by the build/);
  assert.match(hover('FROM x\nUSER $HOME|\n'), /the base image may set it$/);
  assert.is(hover('FROM x\nRUN for a in b; do echo $a|; done\n'), '');
});

test('a stage tells where it begins and on what', () => {
  assert.is(
    hover('FROM --platform=linux/arm64 x:1 AS a\nFROM a|\n'),
    'stage `a`, line 1: on `x:1` for `linux/arm64`',
  );
  assert.is(
    hover('FROM x AS a\nFROM a AS b\nFROM z\nCOPY --from=b| c d\n'),
    'stage `b`, line 2: on the stage `a`',
  );
  assert.is(hover('FROM x\nFROM y\nCOPY --from=0| c d\n'), 'stage 0, line 1: on `x`');
});

test('an instruction tells what it does, behind ONBUILD, too', () => {
  assert.match(hover('FROM x\nwork|dir /\n'), /^```dockerfile\nWORKDIR PATH\n```\n\nThe folder/);
  assert.match(hover('FROM x\nONBUILD R|UN y\n'), /RUN \[--mount/);
  assert.is(hover('FROM x\n# RU|N y\n'), '');
});

test.run();
