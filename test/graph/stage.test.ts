import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { findSourceStage, findStage, findTarget, splitStages } from '../../src/graph/stage.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('stage');
const text = `ARG A=1
FROM one AS Base
RUN a
FROM two
FROM base AS base
COPY x y
FROM scratch AS last
`;
const split = (source: string) => splitStages(parseDockerfile(source, 'Dockerfile'));
const { stages, globals } = split(text);
const place = stages[0]!.place;

test('a FROM opens a stage that has what follows it; ARGs before the first are global', () => {
  assert.equal(
    globals.map(({ args }) => args[0]?.name),
    ['A'],
  );
  assert.equal(
    stages.map(({ index, name, from, instructions }) => [index, name, from.image, instructions.length]),
    [
      [0, 'base', 'one', 1],
      [1, undefined, 'two', 0],
      [2, 'base', 'base', 1],
      [3, 'last', 'scratch', 0],
    ],
  );
});

test('a name means the latest stage above that has it, whatever its case', () => {
  assert.is(findStage(stages, 'base', 2)?.index, 0);
  assert.is(findStage(stages, 'BASE', 3)?.index, 2);
  assert.is(findStage(stages, 'base', 0), undefined);
  assert.is(findStage(stages, 'none', 3), undefined);
});

test('--from takes numbers, too; a name that no stage has is none of them', () => {
  assert.is(findSourceStage(stages, '1', 3, place)?.index, 1);
  assert.is(findSourceStage(stages, 'Base', 3, place)?.index, 2);
  assert.is(findSourceStage(stages, 'busybox', 3, place), undefined);
});

test('--from of the stage itself, of a later one or of a number without a stage is an error', () => {
  throws(() => findSourceStage(stages, '3', 3, place), 'ERR_UNKNOWN_STAGE', /is the stage itself/);
  throws(() => findSourceStage(stages, 'last', 1, place), 'ERR_UNKNOWN_STAGE', /comes later/);
  throws(() => findSourceStage(stages, '2', 1, place), 'ERR_UNKNOWN_STAGE', /comes later/);
  const error = throws(() => findSourceStage(stages, '9', 3, place), 'ERR_UNKNOWN_STAGE', /does not exist/);
  assert.is(error.place, place);
});

test('the target is the last stage, or the latest of its name', () => {
  assert.is(findTarget(stages, undefined).index, 3);
  assert.is(findTarget(stages, '').index, 3);
  assert.is(findTarget(stages, 'BASE').index, 2);
});

test('a target that is not there names those that are, and the nearest; a number is no target', () => {
  throws(() => findTarget(stages, 'lats'), 'ERR_UNKNOWN_TARGET', /did you mean last/);
  throws(() => findTarget(stages, 'zzzzzz'), 'ERR_UNKNOWN_TARGET', /the stages are: base, base, last/);
  throws(() => findTarget(stages, '1'), 'ERR_UNKNOWN_TARGET');
  throws(() => findTarget(split('FROM x').stages, 'y'), 'ERR_UNKNOWN_TARGET', /no stage .* has a name/);
});

test('a name of a stage begins with a letter', () => {
  throws(() => split('FROM x AS 1st'), 'ERR_SYNTAX', /begins with a letter/);
  assert.is(split('FROM x AS a.b-c_1').stages[0]?.name, 'a.b-c_1');
});

test.run();
