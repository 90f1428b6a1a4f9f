import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile, parseTrigger } from '../../src/dockerfile/parse.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { throws } from './throws.ts';

const test = suite('parse');
const parse = (text: string) => parseDockerfile(text, 'Dockerfile');

/** What a file behind a FROM line throws: [text, what it says, place as line:column-line:column]. */
const faults: [string, RegExp, string?, ErrorCode?][] = [
  ['CPOY a /', /unknown instruction: CPOY\ndid you mean COPY\?/, '2:1-2:5'],
  ['CMD["a"]', /write a blank between CMD and \[/, '2:1-2:9'],
  ['  FROBNICATE', /known are ADD, ARG/, '2:3-2:13'],
  ['COPY --chwon=1 a /', /no flag --chwon\ndid you mean --chown\?/, '2:6-2:15'],
  ['ADD --from=x a /', /--from belongs to COPY/, '2:5-2:13'],
  ['CMD --now x', /CMD has no flag --now\nit takes none/, '2:5-2:10'],
  ['STOPSIGNAL --x TERM', /no flag --x/],
  ['COPY --link --link a /', /given twice/],
  ['COPY --link=perhaps a /', /takes true or false, not "perhaps"/],
  ['COPY --link= a /', /takes true or false, not ""/],
  ['COPY --from build a /', /--from needs a value/, '2:6-2:12'],
  ['COPY --from=$S a /', /doesn't support variable expansion/, '2:6-2:15'],
  ['COPY a.txt', /at least two arguments.*\nwrite COPY a\.txt DESTINATION/],
  ['COPY a <<EOF\nEOF', /cannot accept a heredoc as a destination/, '2:1-2:13'],
  ['COPY << EOF /x\nEOF', /no blank between <</],
  ['RUN --device=gpu x', /not supported/, '2:5-2:17', 'ERR_UNSUPPORTED'],
  ['RUN --network=bridge x', /can't be "bridge"\nknown are default, none, host/, '2:5-2:21'],
  ['RUN --security=insecur x', /did you mean insecure\?/],
  ['RUN --mount=type=bind,from=$A x', /variable expansion/],
  ['RUN --mount=type=bind,tarjet=/x x', /did you mean target\?/],
  ['RUN <<EOF\nx', /unterminated heredoc: no line holds EOF alone/, '2:1-3:2'],
  ['ENV', /at least one argument/],
  ['ENV A', /ENV must have two arguments\nwrite ENV A=value/],
  ['ENV A=1 B', /"B" where name=value/],
  ['ENV A=b # note', /a comment needs a line of its own/],
  ['ENV =x', /names can not be blank/],
  ['ARG', /at least one argument/],
  ['ARG =x', /names can not be blank/],
  ['LABEL a', /LABEL must have two/],
  ['EXPOSE', /at least one/],
  ['USER', /exactly one/],
  ['VOLUME []', /can not be an empty string/],
  ['VOLUME ["a", ""]', /can not be an empty string/],
  ['SHELL /bin/sh -c', /JSON form\nwrite SHELL \["\/bin\/sh","-c"\]/],
  ['SHELL []', /at least one/],
  ['CMD ["sleep", 5]', /strings alone/],
  ['FROM', /either one or three/],
  ['FROM a AS b c', /either one or three/],
  ['FROM a IN b', /either one or three/],
  ['FROM a AS 1st', /invalid name for build stage: "1st"/],
  ['ONBUILD', /at least one/],
  ['ONBUILD ONBUILD RUN x', /ONBUILD isn't allowed/],
  ['onbuild from x', /FROM isn't allowed/],
  ['ONBUILD ENV A', /two arguments/],
  ['HEALTHCHECK', /at least one/],
  ['HEALTHCHECK EXEC x', /unknown type "EXEC"/],
  ['HEALTHCHECK CMD', /missing command/],
  ['HEALTHCHECK CMD []', /missing command/],
  ['HEALTHCHECK NONE x', /takes no arguments/],
  ['HEALTHCHECK --interval=soon CMD x', /invalid duration "soon"/, '2:13-2:28'],
  ['HEALTHCHECK --timeout=1us CMD x', /less than 1ms/],
  ['HEALTHCHECK --retries=-1 CMD x', /0 or more/, '2:13-2:25'],
  ['RUN a \\\n  && b\nBOGUS', /BOGUS/, '4:1-4:6'],
  ['\\\n', /nothing to continue/, '2:1-2:2'],
];

for (const [text, says, where, code] of faults) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    const error = throws(() => parse(`FROM scratch\n${text}`), code ?? 'ERR_SYNTAX', says);
    assert.is(error.place?.file, 'Dockerfile');
    const { start, end } = error.place!.range;
    if (where) assert.is(`${start.line}:${start.column}-${end.line}:${end.column}`, where);
  });
}

test('tells an empty file, one of comments, one without a stage and a too early instruction apart', () => {
  throws(() => parse(''), 'ERR_SYNTAX', /cannot be empty/);
  throws(() => parse(' \n\n'), 'ERR_SYNTAX', /cannot be empty/);
  throws(() => parse('# nothing\n'), 'ERR_SYNTAX', /no instructions/);
  throws(() => parse('ARG A\n'), 'ERR_SYNTAX', /no build stage/);
  throws(() => parse('ARG A\nRUN x\nFROM y\n'), 'ERR_SYNTAX', /RUN before the first FROM/);
});

test('takes what is odd and right', () => {
  const file = parse(
    'from a aS B\nHealthCheck --interval=5s nOnE\nRUN\nCMD []\nCOPY --chmod=600 -- --odd /b\n',
  );
  const [from, health, run, cmd, copy] = file.instructions;
  assert.ok(
    from?.keyword === 'FROM' && from.name === 'b' && from.writtenName === 'B' && from.written === 'from',
  );
  assert.ok(
    health?.keyword === 'HEALTHCHECK' && health.command === undefined && health.interval === undefined,
  );
  assert.ok(run?.keyword === 'RUN');
  assert.equal(run.command, { form: 'shell', line: '' });
  assert.ok(cmd?.keyword === 'CMD');
  assert.equal(cmd.command, { form: 'exec', argv: [] });
  assert.ok(copy?.keyword === 'COPY' && copy.chmod === '600');
  assert.equal([copy.sources, copy.destination], [['--odd'], '/b']);
});

test('flag values may be quoted in part and repeated where they are lists', () => {
  const file = parse(
    'FROM a\nCOPY --chown="1:2" --chmod=\'60\'0 --exclude=a --exclude="b c" --link=FALSE x /\n',
  );
  const copy = file.instructions[1];
  assert.ok(copy?.keyword === 'COPY');
  assert.equal([copy.chown, copy.chmod, copy.excludes, copy.link], ['1:2', '600', ['a', 'b c'], false]);
});

test('words are parted outside of quotes, and a backslash in single quotes escapes nothing', () => {
  const env = parse(`FROM a\nENV A='x\\' B="y\\" z" C=p\\ q\n`).instructions[1];
  assert.ok(env?.keyword === 'ENV');
  assert.equal(
    env.pairs.map(({ value }) => value),
    ["'x\\'", '"y\\" z"', 'p\\ q'],
  );
});

test('keeps the comments above an instruction and warns of empty continuation lines', () => {
  const file = parse(
    '# syntax=docker/dockerfile:1\n# build the app\n#   check=skip=A\nFROM a\nRUN x \\\n\n  y\n',
  );
  assert.equal(file.instructions[0]?.comments, ['build the app', 'check=skip=A']);
  assert.equal(file.instructions[1]?.comments, []);
  assert.is(file.warnings.length, 1);
  assert.is(file.warnings[0]?.range.start.line, 6);
});

test('a trigger of a base image is parsed with its heredocs, all at the place of FROM', () => {
  const place = { file: 'Dockerfile', range: { start: { line: 3, column: 1 }, end: { line: 3, column: 9 } } };
  const run = parseTrigger('RUN <<EOF\necho one\n# two\nEOF', place, '\\');
  assert.ok(run.keyword === 'RUN');
  assert.is(run.heredocs[0]?.body, 'echo one\n# two\n');
  assert.equal(run.range, place.range);
  for (const trigger of ['FROBNICATE x', 'RUN <<EOF\nx', 'FROM x', 'ONBUILD RUN x', 'RUN a\nRUN b', '']) {
    assert.equal(throws(() => parseTrigger(trigger, place, '\\'), 'ERR_SYNTAX').place, place, trigger);
  }
});

test.run();
