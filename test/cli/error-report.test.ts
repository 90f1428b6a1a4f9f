// An error says what, where, why and what to do.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { errorReport } from '../../src/cli/error-report.ts';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { sourceExcerpt } from '../../src/cli/source-excerpt.ts';
import { type ErrorCode, RunError, SlipwayError, type SourceRange } from '../../src/errors.ts';

const test = suite('cli/error-report');

const range = (from: number, to = from, column = 9): SourceRange => ({
  start: { line: from, column: 1 },
  end: { line: to, column },
});
const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('');
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `LINE ${i + 1}`).join('\n');

test('an error shows its place in the file, its causes and the hint', () => {
  const cause = new Error('connect refused', { cause: new Error('down') });
  const error = new SlipwayError('ERR_SYNTAX', 'unknown instruction CPOY', {
    hint: 'did you mean COPY?',
    place: { file: 'docker/app.Dockerfile', range: range(4) },
    cause,
  });
  const source = '# first\n\nFROM busybox\nCPOY a.txt /\nRUN false\n';
  const asked: string[] = [];
  const readSource = (file: string) => {
    asked.push(file);
    return source;
  };
  assert.is(
    errorReport(error, { debug: false, readSource }),
    lines(
      'ERROR: unknown instruction CPOY',
      'docker/app.Dockerfile:4',
      '--------------------',
      '   2 |',
      '   3 |     FROM busybox',
      '   4 | >>> CPOY a.txt /',
      '   5 |     RUN false',
      '--------------------',
      'caused by: connect refused',
      'caused by: down',
      'hint: did you mean COPY?',
    ),
  );
  assert.equal(asked, ['docker/app.Dockerfile']);
});

test('lines of a file are shown without what their URLs log in with', () => {
  const fetched = (login: string) => `ADD https://${login}example.com/a.git?x=1#v1 /a`;
  const shown = sourceExcerpt(`FROM a\n${fetched('me:pass@')}\n${fetched('token@')}\n`, range(2))!;
  assert.equal(shown.slice(2, 4), [
    `   2 | >>> ${fetched('xxxxx:xxxxx@')}`,
    `   3 |     ${fetched('xxxxx@')}`,
  ]);
  const long = `RUN ${'x'.repeat(480)} https://me:${'secret'.repeat(20)}@example.com/`;
  assert.not.match(sourceExcerpt(long, range(1))!.join('\n'), 'secret');
});

test('a failed step shows the end of its output and its exit code first', () => {
  const error = new RunError(
    'RUN make did not succeed',
    { exitCode: 5, tail: ['cannot link 1', 'cannot \x1b[31mlink\x1b[0m 2'] },
    { place: { range: range(1) } },
  );
  const context = { debug: false, step: '[2/3] RUN make', readSource: () => undefined };
  assert.is(
    errorReport(error, context),
    lines(
      '------',
      ' > [2/3] RUN make:',
      'cannot link 1',
      'cannot link 2',
      '------',
      'ERROR: RUN make did not succeed (exit code 5)',
      'Dockerfile:1',
    ),
  );
});

test('a cause that only repeats is left out, and causes in a circle end', () => {
  const inner = new Error('no such file');
  const error = new SlipwayError('ERR_CONTEXT', 'context: no such file', { cause: inner });
  inner.cause = error;
  assert.is(errorReport(error, { debug: false }), lines('ERROR: context: no such file'));
});

test('a bug shows its stack and says so, a full disk does not', () => {
  const bug = errorReport(new TypeError('x is undefined'), { debug: false });
  assert.match(
    bug,
    /^ERROR: x is undefined\nTypeError: x is undefined\n {4}at [\s\S]*this is a bug in slipway/,
  );
  const full = errorReport(Object.assign(new Error('ENOSPC: no space left, write'), { code: 'ENOSPC' }), {
    debug: false,
  });
  assert.match(full, /^ERROR: ENOSPC: no space left, write\nhint: .*--root/);
  assert.not.match(full, '    at ');
  assert.match(errorReport('thrown text', { debug: false }), 'ERROR: thrown text\n');
});

test("a limit or a fault of the machine is nobody's bug", () => {
  for (const code of ['EFBIG', 'EAGAIN', 'EIO', 'EMFILE', 'ENAMETOOLONG']) {
    const report = errorReport(Object.assign(new Error(`${code}: write`), { code }), { debug: false });
    assert.match(report, new RegExp(`^ERROR: ${code}: write\nhint: .+\n$`));
  }
});

test('stacks of all errors show on demand', () => {
  const error = new SlipwayError('ERR_STORE', 'broken', { cause: new Error('inner') });
  assert.not.match(errorReport(error, { debug: false }), '    at ');
  assert.match(
    errorReport(error, { debug: true }),
    /ERROR: broken[\s\S]*SlipwayError: broken\n {4}at [\s\S]*caused by: Error: inner\n {4}at /,
  );
});

test('nothing foreign steers the terminal', () => {
  const error = new SlipwayError('ERR_SYNTAX', 'bad \x1b[2Jword', {
    hint: 'h\x07',
    place: { file: 'D\x1b[A', range: range(1) },
  });
  const report = errorReport(error, { debug: true, readSource: () => 'RUN \x1b]0;t\x07\n' });
  assert.not(/[\0-\x08\x0b-\x1f]/.test(report));
  assert.match(errorReport(error, { debug: false, color: true }), /^\x1b\[1;31mERROR:\x1b\[0m bad word/);
});

test('all lines of a range are marked; an end in the first column leaves that line out', () => {
  assert.equal(
    sourceExcerpt(numbered(9), range(3, 5, 1))?.map((line) => line.replace(/ +/g, ' ')),
    [
      '-'.repeat(20),
      ' 1 | LINE 1',
      ' 2 | LINE 2',
      ' 3 | >>> LINE 3',
      ' 4 | >>> LINE 4',
      ' 5 | LINE 5',
      ' 6 | LINE 6',
      '-'.repeat(20),
    ],
  );
});

test('of a long range the beginning and the end are shown', () => {
  const excerpt = sourceExcerpt(numbered(1200), range(10, 1100))!;
  assert.is(excerpt.length, 12);
  assert.match(excerpt[3]!, /^ {3}10 \| >>> LINE 10$/);
  assert.match(excerpt[7]!, '… 1086 more lines');
  assert.match(excerpt[8]!, /^ 1100 \| >>> LINE 1100$/);
});

test('a place beyond the text shows no excerpt', () => {
  assert.is(sourceExcerpt('FROM a\n', range(9)), undefined);
  assert.is(sourceExcerpt('', range(1))?.length, 3);
});

test('exit codes tell the Dockerfile, the command line and the machine apart', () => {
  const code = (name: ErrorCode, place?: boolean) =>
    exitCodeOf(new SlipwayError(name, '', place ? { place: { range: range(1) } } : {}));
  assert.is(code('ERR_RUN_FAILED'), 1);
  assert.is(code('ERR_USAGE'), 2);
  assert.is(code('ERR_REGISTRY'), 3);
  assert.is(code('ERR_ABORTED'), 130);
  assert.equal([code('ERR_UNSUPPORTED', true), code('ERR_UNSUPPORTED')], [1, 2]);
  assert.equal([code('ERR_PLATFORM', true), code('ERR_PLATFORM')], [1, 2]);
  assert.is(exitCodeOf(new Error('bug')), 3);
});

test.run();
