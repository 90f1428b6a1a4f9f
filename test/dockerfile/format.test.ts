// Formatting lays a text out and never changes what it says.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTolerant } from '../../src/dockerfile/parse-tolerant.ts';
import { formatDockerfile } from '../support/format-dockerfile.ts';

const test = suite('dockerfile/format');

test('keywords are in upper case, with nothing in front and one blank behind', () => {
  assert.is(
    formatDockerfile('  from\ta AS b\nrun   echo  x\n\tCopy a b\n'),
    'FROM a AS b\nRUN echo  x\nCOPY a b\n',
  );
});

test('what an ONBUILD records stays, to the last blank', () => {
  assert.is(formatDockerfile('FROM a\nonbuild  run x  \n'), 'FROM a\nONBUILD run x  \n');
});

test('blanks at the end go, behind the sign of a continued line, too, and not in comments', () => {
  const text = 'FROM a  \n# kept  \nRUN x \\ \t\n  # kept  \n   \n  y  \n';
  assert.is(formatDockerfile(text), 'FROM a\n# kept  \nRUN x \\\n  # kept  \n\n  y\n');
});

test('continued lines keep their indentation, which is part of the command', () => {
  const text = 'FROM a\nRUN x && \\\n      y && \\\n\tz\n';
  assert.is(formatDockerfile(text), text);
});

test('of empty lines two may stand together, and none at the end', () => {
  assert.is(formatDockerfile('FROM a\n\n\n \n\nRUN x\n\n\t\n'), 'FROM a\n\n\nRUN x\n');
});

test('the last line gets its break, as the others have it', () => {
  assert.is(formatDockerfile('FROM a'), 'FROM a\n');
  assert.is(formatDockerfile('FROM a\r\nRUN x  '), 'FROM a\r\nRUN x\r\n');
  assert.is(formatDockerfile('\ufeffFROM a\r\n\r\n'), '\ufeffFROM a\r\n');
});

test('the bodies of heredocs stay', () => {
  const text = 'FROM a\nRUN <<A cat <<-B\n  x  \n\n\n\n run y\nA\n\tz \n\tB\n';
  assert.is(formatDockerfile(text), text);
});

test('the sign that continues lines is the one of the directive', () => {
  const text = '# escape=`\nFROM a\nRUN x ` \n  y \\ \n';
  assert.is(formatDockerfile(text), '# escape=`\nFROM a\nRUN x `\n  y \\\n');
});

test('a text that can not be parsed stays as it is', () => {
  const text = 'from a\nNOPE  x \n\n\n\n';
  assert.is(formatDockerfile(text), text);
});

const instruction = fc.constantFrom(
  ...[
    'from a',
    ' FROM  b as c',
    'RUN x',
    'run\ty  ',
    'Env A=b\\ ',
    'ENV  k v ',
    'onbuild  run x ',
    'cmd ["a"] ',
  ],
  ...[
    'RUN x \\ \n  y ',
    'RUN x \\\n\n# c \n  y',
    'RUN \\\n  x',
    'RUN x \\',
    'run <<E  \n a \n\n\nE',
    '# c ',
    '',
    ' \t',
  ],
  ...[
    'COPY <<A <<B /d \nx\nA\ny\nB',
    'ONBUILD RUN <<E \n a \nE',
    'RUN x \\\u00a0 ',
    'RUN x \\\\ ',
    'RUN x ` ',
    '\u0085',
  ],
  ...[
    '# escape=`',
    '# check=skip=all',
    'label a="b  ',
    'healthcheck  --interval=1s  CMD x ',
    'arg A ',
    'shell  ["a"]',
  ],
);
const line = fc.tuple(instruction, fc.constantFrom('\n', '\n', '\r\n', '\n\n\n\n', '\r\r\n'));
const file = fc
  .tuple(fc.constantFrom('', '\ufeff', '\n', '# escape=`\n'), fc.array(line, { maxLength: 8 }), fc.boolean())
  .map(([top, lines, ends]) => {
    const text = top + lines.flat().join('');
    return ends ? text : text.replace(/[\r\n]+$/, '');
  });

/** What a build makes of a text: all but where and in which case it is written. */
function meaning(text: string): unknown {
  const left = ['written', 'range', 'text', 'warnings'];
  const { dockerfile, errors } = parseTolerant(text, 'Dockerfile');
  const said = JSON.stringify(dockerfile, (key, value) => (left.includes(key) ? undefined : value));
  return [said, errors.map(({ message }) => message)];
}

test('whatever the text is, what is formatted says the same, and formatting it again changes nothing', () => {
  fc.assert(
    fc.property(file, (text) => {
      const formatted = formatDockerfile(text);
      assert.equal(meaning(formatted), meaning(text));
      assert.is(formatDockerfile(formatted), formatted);
    }),
    { numRuns: 1000, seed: 7 },
  );
});

test.run();
