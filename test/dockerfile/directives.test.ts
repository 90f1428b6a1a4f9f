import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCheck, readDirectives } from '../../src/dockerfile/directives.ts';
import { createSource } from '../../src/dockerfile/source.ts';
import { throws } from './throws.ts';

const test = suite('directives');
const read = (text: string) => readDirectives(createSource(text, 'Dockerfile'));

test('are read in any case and spacing, with their places', () => {
  const { list, escape: escapeSign, lines } = read('\ufeff#   EsCaPe  =  `  \r\n#check=skip=A\nFROM a\n');
  assert.equal([escapeSign, lines], ['`', 2]);
  assert.equal(
    list.map(({ name, value }) => [name, value]),
    [
      ['escape', '`'],
      ['check', 'skip=A'],
    ],
  );
  assert.equal(list[0]?.range, { start: { line: 1, column: 2 }, end: { line: 1, column: 20 } });
});

test('end at the first line that is none', () => {
  for (const text of ['# x\n', '\n', '# a=b\n', 'FROM a\n', '# escape: `\n', '## escape=`\n', '#escape=\n']) {
    assert.equal(read(`${text}# escape=\`\n`).list, [], text);
  }
});

test('behind #! only syntax and check count', () => {
  assert.equal(
    read('#!/x\n# syntax=docker/dockerfile\n# escape=`\n').list.map(({ name }) => name),
    ['syntax'],
  );
});

test('the built-in frontend goes by several names', () => {
  const digest = `@sha256:${'a'.repeat(64)}`;
  for (const image of [
    'docker/dockerfile',
    'docker/dockerfile:1.7-labs',
    `docker.io/docker/dockerfile:1${digest}`,
    'docker/dockerfile-upstream:master',
    'localhost:5000/mirror/docker/dockerfile:1 cmd',
    'dockerfile.v0',
  ]) {
    assert.is(read(`# syntax=${image}\n`).list.length, 1, image);
  }
  for (const text of [
    '# syntax=evil/docker/dockerfile',
    '# syntax=me/frontend',
    '// syntax=me/x',
    '{"syntax": "me/x"}',
  ]) {
    assert.ok(throws(() => read(text), 'ERR_UNSUPPORTED', /frontend me\/|evil/).place, text);
  }
});

test('refuse a second one, another escape and a broken check', () => {
  throws(() => read('# escape=\\\n# ESCAPE=`\n'), 'ERR_SYNTAX', /only one escape parser directive/);
  throws(() => read('# escape=x\n'), 'ERR_SYNTAX', /invalid escape token 'x'/);
  assert.is(
    throws(() => read('# check=skpi=A\n'), 'ERR_SYNTAX', /did you mean skip=/).place?.range.start.line,
    1,
  );
});

test('check options', () => {
  assert.equal(parseCheck(''), { skip: [], error: false, experimental: [] });
  assert.equal(parseCheck('skip=A, B ;error=true;experimental=all'), {
    skip: ['A', 'B'],
    error: true,
    experimental: 'all',
  });
  assert.equal(parseCheck('skip=all;error=0').skip, 'all');
  for (const text of ['skip', 'error=maybe', 'x=y', 'error=true;'])
    throws(() => parseCheck(text), 'ERR_SYNTAX');
});

test.run();
