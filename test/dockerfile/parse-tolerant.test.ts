// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// What a file that is wrong in places still yields.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { parseTolerant } from '../../src/dockerfile/parse-tolerant.ts';

const test = suite('dockerfile/parse-tolerant');

function read(text: string) {
  const { located, errors, dockerfile } = parseTolerant(text, 'Dockerfile');
  return {
    dockerfile,
    located,
    keywords: located.map(({ instruction }) => instruction.keyword).join(' '),
    errors: errors.map(({ message, place }) => `${place?.range.start.line ?? '?'} ${message}`),
  };
}

test('a file that a build takes is the same as the strict parser makes it', () => {
  const text = `# escape=\`\n# check=skip=all\nARG A=1\nFROM a:$A AS b\nRUN x \`\n\n  # no\n  y <<E\nz\nE\nCOPY <<A <<B /c\na\nA\nb\nB\nONBUILD RUN d\n`;
  const { dockerfile, errors } = read(text);
  assert.equal(errors, []);
  assert.equal(JSON.stringify(dockerfile), JSON.stringify(parseDockerfile(text, 'Dockerfile')));
});

test('an instruction that is wrong costs itself, and each one is told of', () => {
  const { keywords, errors } = read('FROM a\nCOPY b\nRUN c\nNOPE d\nEXPOSE\nCMD ["e"]\n');
  assert.is(keywords, 'FROM RUN CMD');
  assert.equal(
    errors.map((error) => error.slice(0, 8)),
    ['2 COPY r', '4 unknow', '5 EXPOSE'],
  );
});

test('a heredoc without its end is taken to end where an instruction begins', () => {
  const { keywords, errors } = read('FROM a\nRUN <<EOF\nfoo\nlower\nCOPY b /c\nRUN d\n');
  assert.is(keywords, 'FROM COPY RUN');
  assert.equal(errors, ['2 unterminated heredoc: no line holds EOF alone']);
});

test('directives that are wrong leave the instructions as they are, and the escape holds', () => {
  const { located, errors } = read('# escape=`\n# escape=`\nFROM a\nRUN b `\n  c\n');
  assert.is(located.length, 2);
  assert.is(errors.length, 1);
  assert.is(read('# syntax=example.com/other\nFROM a\nRUN b\n').keywords, 'FROM RUN');
});

test('a variable behind --from is an error, and the COPY stays', () => {
  const { located, errors } = read('FROM a\nCOPY --from=$X b c\n');
  assert.equal(errors, ["2 COPY --from doesn't support variable expansion"]);
  const { instruction } = located[1]!;
  assert.is(instruction.keyword === 'COPY' && instruction.from, '$X');
});

test('what ONBUILD triggers is parsed, with places in this file', () => {
  const { located } = read('FROM a\nONBUILD COPY x \\\n  y /z\n');
  const { trigger } = located[1]!;
  assert.is(trigger?.instruction.keyword, 'COPY');
  const at = trigger!.statement.text.indexOf('y');
  assert.equal(trigger!.statement.place(at, at + 1).range.start, { line: 3, column: 3 });
});

test('a trigger that is wrong is told of; one that ONBUILD may not hold is left to rules', () => {
  assert.is(read('FROM a\nONBUILD COPY x\n').errors.length, 1);
  const { errors, keywords } = read('FROM a\nONBUILD ONBUILD RUN b\nONBUILD FROM c\n');
  assert.equal(errors, []);
  assert.is(keywords, 'FROM ONBUILD ONBUILD');
});

test('instructions in front of FROM and a file without any are no errors here', () => {
  assert.is(read('RUN a\nFROM b\n').keywords, 'RUN FROM');
  assert.equal(read('').errors, []);
  assert.equal(read('# only a comment\n').errors, []);
});

test('a NUL character is told of', () => {
  assert.equal(read('FROM a\nRUN b\0\n').errors, ['2 the Dockerfile holds a NUL character']);
});

test.run();
