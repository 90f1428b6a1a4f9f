// Which shell each step runs in, which variables it finds, and that no text breaks the rules.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLintFile } from '../../../src/lint/lint-file.ts';
import { lintText } from '../../../src/lint/lint-text.ts';
import type { LintSettings } from '../../../src/lint/settings.ts';

const test = suite('lint/shell-code');

const codesOf = (text: string, settings: LintSettings = {}) => {
  const file = readLintFile(text, 'Dockerfile', settings);
  return file.index.shellCodes(file);
};
/** `line shell` of each step whose shell is known. */
const shellsOf = (text: string, settings?: LintSettings) =>
  codesOf(text, settings).map(({ step, dialect }) => `${step.instruction.range.start.line} ${dialect}`);

const compat: LintSettings = { compat: 'hadolint' };

test('SHELL counts for what follows it, in stages built on it, too, where hadolint forgets it', () => {
  const text = 'FROM a AS x\nRUN a\nSHELL ["/bin/bash", "-c"]\nRUN a\nFROM x\nRUN a\nFROM b\nRUN a\n';
  assert.equal(shellsOf(text), ['2 sh', '4 bash', '6 bash', '8 sh']);
  assert.equal(shellsOf(text, compat), ['2 sh', '4 bash', '6 sh', '8 sh']);
  assert.equal(
    shellsOf('FROM a\nSHELL ["/usr/bin/env", "ksh"]\nRUN a\nSHELL ["busybox", "ash", "-c"]\nRUN b'),
    ['3 ksh', '5 ash'],
  );
});

test('what is no shell of this kind has no code', () => {
  assert.equal(shellsOf('FROM a\nSHELL ["powershell", "-Command"]\nRUN a\nSHELL ["cmd"]\nRUN b'), []);
  assert.equal(shellsOf('FROM a\nRUN ["a"]\nRUN <<EOF\n#!/usr/bin/env python3\na\nEOF\n'), []);
  assert.equal(shellsOf('FROM a\nSHELL ["zsh", "-c"]\nRUN a'), []);
});

test('images of Windows have no sh, unless SHELL says so', () => {
  const text = 'FROM registry.example.com/windows/servercore:ltsc2022\nRUN a\nSHELL ["bash", "-c"]\nRUN b\n';
  assert.equal(shellsOf(text), ['4 bash']);
  assert.equal(shellsOf('FROM --platform=windows/amd64 a\nRUN a\n'), []);
  assert.equal(shellsOf(text, compat), ['2 sh', '4 bash']);
});

test('what is known of a base image counts: its SHELL and its variables', () => {
  const rootfs = { type: 'layers' as const, diff_ids: [] };
  const config = { Shell: ['/bin/bash', '-ec'], Env: ['PATH=/bin', 'seen=1'] };
  const bases = new Map([
    [
      'registry docker.io/library/a:latest linux/amd64',
      { config: { os: 'linux', architecture: 'amd64', rootfs, config } },
    ],
  ]);
  const [code] = codesOf('FROM a\nRUN b\n', { bases });
  assert.equal([code!.dialect, code!.variables.has('seen'), code!.stopsAtFailure], ['bash', true, true]);
  assert.equal(shellsOf('FROM a\nRUN b\n', { ...compat, bases }), ['2 sh']);
});

test("a heredoc's first line names its shell", () => {
  assert.equal(
    shellsOf('FROM a\nRUN <<EOF\n#!/usr/bin/env bash\na\nEOF\nRUN <<EOF ksh\na\nEOF\nRUN <<EOF\na\nEOF\n'),
    ['2 bash', '6 ksh', '9 sh'],
  );
});

test('a comment says what the shell is, up to the next SHELL or FROM; in front of all stages for each', () => {
  assert.equal(shellsOf('FROM a\n# hadolint shell=/bin/bash\nRUN a\nRUN b\nFROM c\nRUN d\n'), [
    '3 bash',
    '4 bash',
    '6 sh',
  ]);
  assert.equal(shellsOf('# hadolint shell=dash\nFROM a\nRUN a\nFROM b\nRUN b\n'), ['3 dash', '5 dash']);
  assert.equal(shellsOf('FROM a\n# hadolint shell=pwsh\nRUN a\nSHELL ["sh", "-c"]\nRUN b\n'), ['5 sh']);
});

test('ENV and ARG of the stage and of those below it are set, and what ONBUILD sets', () => {
  const text = 'ARG g\nFROM a AS x\nENV b=1 c=2\nFROM x\nARG d\nONBUILD ENV e=1\nRUN a\nFROM y\nRUN a\n';
  const [one, other] = codesOf(text).map(({ variables }) =>
    ['b', 'c', 'd', 'e', 'g', 'http_proxy'].filter((name) => variables.has(name)),
  );
  assert.equal(one, ['b', 'c', 'd', 'e', 'http_proxy']);
  assert.equal(other, ['http_proxy']);
});

test('places within backquotes in backquotes are those of the Dockerfile', () => {
  const found = lintText('FROM a:1\nRUN x=`a \\`b $C\\``\n', 'Dockerfile').filter(
    ({ rule }) => rule === 'SC2086',
  );
  assert.equal(
    found.map(({ range }) => range),
    [{ start: { line: 2, column: 14 }, end: { line: 2, column: 16 } }],
  );
});

test('no shell code breaks a rule, and what is found lies in the file', () => {
  const word = fc.constantFrom(
    ...[
      'a',
      '$b',
      '${c}',
      '${d:-$e}',
      '${',
      '$(',
      ')',
      '`',
      '\\`',
      '"',
      "'",
      '|',
      '&&',
      ';',
      '\n',
      ' \\\n ',
      '[',
      ']',
      '==',
      '-a',
    ],
    ...[
      'if',
      'then',
      'fi',
      'for',
      'in',
      'do',
      'done',
      'case',
      'esac',
      '{',
      '}',
      '{x,y}',
      '*',
      '[aa]',
      '&>',
      '<<<',
      '<<E',
      '\nE\n',
      '((',
      '))',
    ],
    ...[
      'export',
      'f=',
      'g+=',
      'echo',
      '-e',
      'read',
      'cd',
      'set',
      '-o',
      'printf',
      '%q',
      'ln',
      'find',
      'xargs',
      'ls',
      '\\n',
      '\u{1f600}',
      '#',
    ],
  );
  const texts = fc.array(word, { maxLength: 14 }).map((words) => words.join(' '));
  const property = fc.property(
    texts,
    fc.constantFrom('RUN ', 'ONBUILD RUN ', 'RUN <<EOF\n'),
    (code, start) => {
      const text = `FROM a:1\n${start}${code}\n${start.endsWith('\n') ? 'EOF\n' : ''}`;
      const lines = text.split('\n').length;
      for (const { range } of lintText(text, 'Dockerfile'))
        assert.ok(range.start.line >= 1 && range.end.line <= lines && range.start.column >= 1);
    },
  );
  fc.assert(property, { numRuns: 400, seed: 7 });
});

test('the same code is judged by what holds where it stands, however often it was seen', () => {
  const found = (text: string, settings?: LintSettings) =>
    lintText(text, 'Dockerfile', settings)
      .filter(({ rule }) => rule.startsWith('SC'))
      .map(({ rule, range: { start } }) => `${start.line}:${start.column} ${rule}`);
  const code = 'RUN echo $a && source b';
  assert.equal(found(`FROM a\n${code}\nENV a=1\n${code}`), [
    '2:10 SC2086',
    '2:10 SC2154',
    '2:16 SC3046',
    '4:16 SC3046',
  ]);
  assert.equal(found(`FROM a\nSHELL ["/bin/bash", "-c"]\nONBUILD ${code}\nARG a\n${code}`), [
    '3:18 SC2086',
    '3:18 SC2154',
  ]);
  assert.equal(found('FROM a\nRUN echo \\\n  $a && \\\n  # why\n  source b'), [
    '3:3 SC2086',
    '3:3 SC2154',
    '5:3 SC3046',
  ]);
  // More of them than are kept.
  const many = Array.from({ length: 500 }, (_, index) => `RUN echo ${'x'.repeat(1000)} $b${index}`);
  assert.is(found(`FROM a\n${many.join('\n')}`).length, 1000);
  assert.equal(found(`FROM a\n\n${code}`), ['3:10 SC2086', '3:10 SC2154', '3:16 SC3046']);
});

test.run();
