// What terminals show of a step: what somebody changed first, what Git keeps of itself in one line.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRecord, StepRecord } from '../../src/build-record.ts';
import { explanationLines } from '../../src/explain/describe-cause.ts';
import type { Cause } from '../../src/explain/explanation.ts';
import { digestOf } from '../../src/oci/digest.ts';

const test = suite('explain/describe-cause');

const step: StepRecord = {
  ...{ type: 'copy', text: 'COPY . .', label: '[2/2]', lines: [2, 2], inputs: [], keys: [] },
  ...{ outcome: 'ran', seconds: 1 },
};

function linesOf(causes: Cause[]): string[] {
  const build: BuildRecord = {
    ...{ version: 1, id: 'b', started: '2030-01-01T00:00:00.000Z', seconds: 1, outcome: 'done' },
    ...{
      dockerfile: { path: 'Dockerfile', digest: digestOf('') },
      context: '.',
      platforms: [],
      caches: [],
      transfers: [],
    },
    ...{ buildArgs: {}, noCache: false },
    steps: [step],
  };
  const steps = [{ step: 0, outcome: step.outcome, causes, root: 0 }];
  return explanationLines({ build, steps, seconds: { ran: 1, saved: 0 } }, steps).slice(2);
}

const added = (path: string): Cause => ({ kind: 'file', change: 'added', path });

test('what Git keeps of itself does not hide the files that somebody changed', () => {
  const git = Array.from({ length: 12 }, (_, at) => added(`.git/objects/${at}`));
  assert.equal(linesOf([...git, added('src/a.js')]), [
    '  src/a.js was added',
    '  12 files of .git have changed, as with every commit: .dockerignore can leave them out',
  ]);
});

test('so it is with a repository in a folder, and with a single file', () => {
  assert.equal(linesOf([added('app/.git/HEAD')]), [
    '  a file of .git has changed, as with every commit: .dockerignore can leave them out',
  ]);
});

test('names that only look like it are files as others', () => {
  assert.equal(linesOf([added('.gitignore'), added('x.git/HEAD')]), [
    '  .gitignore was added',
    '  x.git/HEAD was added',
  ]);
});

test('of many causes eight are shown', () => {
  const lines = linesOf(Array.from({ length: 11 }, (_, at) => added(`file-${at}`)));
  assert.is(lines.length, 9);
  assert.is(lines[8], '  and 3 more');
});

test.run();
