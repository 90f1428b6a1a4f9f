import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { throws } from '../dockerfile/throws.ts';
import { historyOf, namesOf, planned } from './plan-setup.ts';

const test = suite('onbuild');
const base = (...OnBuild: string[]) => ({
  bases: { 'docker.io/library/a:latest': { Env: ['PATH=/bin'], OnBuild } },
});

test("the base's triggers run first, counted as steps, and are not handed on", () => {
  const result = planned('FROM a\nRUN own', base('ENV A=1', 'COPY x /', 'RUN trigger $A'));
  assert.equal(historyOf(result), [
    'ENV A=1',
    'COPY x / # buildkit',
    'RUN /bin/sh -c trigger $A # buildkit',
    'RUN /bin/sh -c own # buildkit',
  ]);
  assert.match(namesOf(result)[0]!, '[1/4] FROM');
  assert.is(result.target.config.OnBuild, null);
});

test('triggers of a stage run in the stage that stands on it', () => {
  const result = planned('FROM scratch AS p\nONBUILD ENV A=1\nFROM p\nONBUILD ENV B=1');
  assert.equal(historyOf(result), ['ENV A=1']);
  assert.equal(result.target.config.OnBuild, ['ENV B=1']);
});

test('a trigger sees the ARGs of the build and the stages of the file', () => {
  const text = 'FROM scratch AS assets\nFROM a';
  const result = planned(text, { ...base('ARG V=0', 'COPY --from=assets /x /$V'), buildArgs: { V: '7' } });
  assert.is(historyOf(result).at(-1), 'COPY /x /7 # buildkit');
});

test('a trigger with a heredoc runs as it was recorded', () => {
  const result = planned('FROM a', base('RUN <<EOF\necho 1\nEOF'));
  assert.match(historyOf(result)[0]!, 'echo 1');
});

test('a broken trigger fails at the FROM that pulls it in', () => {
  for (const trigger of ['NOPE x', 'FROM x', 'ONBUILD RUN x', 'RUN a\nRUN b', '']) {
    const error = throws(() => planned('FROM scratch AS x\nFROM a', base(trigger)), 'ERR_SYNTAX');
    assert.is(error.place?.range.start.line, 2, trigger);
  }
});

test.run();
