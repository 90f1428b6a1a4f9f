import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';

const test = suite('statement');

/** Each instruction's logical line with its first and last line. */
function lines(text: string): string[] {
  return parseDockerfile(text, 'Dockerfile').instructions.map(
    ({ text: line, range }) => `${range.start.line}-${range.end.line} ${line}`,
  );
}

const cases: [string, string, string[]][] = [
  ['joins continued lines where they break', 'FROM a\nENV A=b\\\nc\n', ['1-1 FROM a', '2-3 ENV A=bc']],
  ['blanks behind the escape do not matter', 'FROM a\nRUN x \\ \t\n y\n', ['1-1 FROM a', '2-3 RUN x  y']],
  [
    'two escapes continue nothing',
    'FROM a\nRUN x\\\\\nRUN y\n',
    ['1-1 FROM a', '2-2 RUN x\\\\', '3-3 RUN y'],
  ],
  ['an escape may stand alone', 'FROM a\nRUN x \\\n\\\n  \\\n y\n', ['1-1 FROM a', '2-5 RUN x    y']],
  [
    'comments and empty lines between continued lines go',
    'FROM a\nRUN x \\\n\n# c \\\n  # d\n\t\ny\n',
    ['1-1 FROM a', '2-7 RUN x y'],
  ],
  ['an escape at the end of the file goes', 'FROM a\nRUN x \\', ['1-1 FROM a', '2-2 RUN x ']],
  ['a comment can not be continued', 'FROM a\n# c \\\nRUN x\n', ['1-1 FROM a', '3-3 RUN x']],
  [
    'a continuation takes in the next instruction',
    'FROM a\nRUN x \\\nRUN y\n',
    ['1-1 FROM a', '2-3 RUN x RUN y'],
  ],
  ['lines may end in CRLF', 'FROM a\r\nRUN x \\\r\n# c\r\n y\r\n', ['1-1 FROM a', '2-4 RUN x  y']],
  ['the keyword may be broken', 'FROM a\nRU\\\nN x\n', ['1-1 FROM a', '2-3 RUN x']],
  ['form feeds are blanks', 'FROM a\n\f\vRUN\vx\n', ['1-1 FROM a', '2-2 RUN\vx']],
  ['so are those that only Unicode knows', 'FROM a\n\u0085\u3000RUN x\n', ['1-1 FROM a', '2-2 RUN x']],
  ['a byte order mark is no text', '\ufeffFROM a\n', ['1-1 FROM a']],
  [
    'a backtick continues where it is the escape',
    '# escape=`\nFROM a\nRUN x `\ny\\\n',
    ['2-2 FROM a', '3-4 RUN x y\\'],
  ],
  [
    'an escape behind #! is a comment',
    '#!/x\n# escape=`\nFROM a\nRUN x \\\ny\n',
    ['3-3 FROM a', '4-5 RUN x y'],
  ],
  [
    'no directive below another comment',
    '# a=b\n# escape=`\nFROM a\nRUN x \\\ny\n',
    ['3-3 FROM a', '4-5 RUN x y'],
  ],
];

for (const [title, text, expected] of cases) test(title, () => assert.equal(lines(text), expected));

/** The heredocs of the second instruction, and how many instructions there are. */
function heredocs(text: string) {
  const { instructions } = parseDockerfile(`FROM a\n${text}`, 'Dockerfile');
  const second = instructions[1];
  assert.ok(second && 'heredocs' in second);
  return {
    count: instructions.length,
    marks: second.heredocs.map((one) => [one.name, one.fd, one.expand, one.body]),
  };
}

const docs: [string, string, number, unknown[]][] = [
  ['text is literal', 'RUN <<E\n# c\n\nx \\\nE\nRUN y', 3, [['E', 0, true, '# c\n\nx \\\n']]],
  [
    'several, in their order',
    'RUN cat <<A 5<<B\na\nA\nb\nB\n',
    2,
    [
      ['A', 0, true, 'a\n'],
      ['B', 5, true, 'b\n'],
    ],
  ],
  ['blanks in front of the name', "RUN <<  'E'\nx\nE\n", 2, [['E', 0, false, 'x\n']]],
  ['quoted in part', 'COPY <<"E"F /x\n$y\nEF\n', 2, [['EF', 0, false, '$y\n']]],
  ['escaped, which does not quote', 'COPY <<\\EF /x\n$y\nEF\n', 2, [['EF', 0, true, '$y\n']]],
  ['tabs dropped', 'COPY <<-E /x\n\ta\n\t\tb\n\tE\n', 2, [['E', 0, true, 'a\nb\n']]],
  ['without a last line break', 'COPY <<E /x\nE', 2, [['E', 0, true, '']]],
  ['carriage returns stay', 'COPY <<E /x\r\na\r\nE\r\n', 2, [['E', 0, true, 'a\r\n']]],
  ['a name like a variable', 'COPY <<$E /x\na\n$E\n', 2, [['$E', 0, true, 'a\n']]],
  ['not in JSON form', 'RUN ["cat", "<<E"]\nRUN x', 3, []],
  ['not without a name', 'RUN cat <<""\nRUN x', 3, []],
  ['not three signs', 'RUN cat <<<E\nRUN x', 3, []],
];

for (const [title, text, count, marks] of docs) {
  test(`heredoc: ${title}`, () => {
    assert.equal(heredocs(text), { count, marks });
  });
}

test('<< inside a word starts no heredoc', () => {
  assert.is(lines('FROM a\nRUN cat>x<<E\nRUN y\n').length, 3);
});

test('<< means nothing outside of RUN, COPY and ADD', () => {
  assert.equal(lines('FROM a\nLABEL a=<<E\nCMD cat <<E\nRUN x\n').length, 4);
});

test('ONBUILD records its heredocs behind the line', () => {
  const { instructions } = parseDockerfile('FROM a\nonbuild  run <<E  \na\nE\nLABEL a=b\n', 'Dockerfile');
  const [, onbuild] = instructions;
  assert.ok(onbuild?.keyword === 'ONBUILD');
  assert.is(onbuild.trigger, 'run <<E  \na\nE');
  assert.is(instructions.length, 3);
});

test.run();
