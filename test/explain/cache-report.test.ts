// The document of a build: bytes by step, and their sums.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRecord, StepRecord, Transfer } from '../../src/build-record.ts';
import { type CacheReport, cacheReport } from '../../src/explain/cache-report.ts';
import { explainBuild } from '../../src/explain/explain-build.ts';
import { digestOf } from '../../src/oci/digest.ts';

const test = suite('explain/cache-report');

const step = (type: string, outcome: StepRecord['outcome'], more: Partial<StepRecord> = {}): StepRecord => ({
  type,
  text: type,
  label: '',
  lines: [1, 1],
  inputs: [null],
  outcome,
  keys: [],
  ...more,
});

const layer = (size: number) => ({ diffID: digestOf(`layer ${size}`), size });

function report(steps: StepRecord[], transfers: Transfer[] = []): CacheReport {
  const build: BuildRecord = {
    ...{ id: 'b', started: '2026-01-01T00:00:00.000Z', seconds: 1, outcome: 'done', context: '/a' },
    ...{ dockerfile: { path: '/a', digest: digestOf('') }, platforms: [], buildArgs: {}, noCache: false },
    ...{ caches: [], transfers, steps },
  };
  return cacheReport(explainBuild({ build, earlier: undefined, tree: () => undefined }));
}

test('bytes read are told of steps that ran and are known, a hit read none', () => {
  const { steps, summary } = report([
    step('copy', 'ran', { layer: layer(2048), read: 12 }),
    step('exec', 'ran', { layer: layer(1024) }),
    step('copy', 'hit', { layer: layer(4096) }),
    step('copy', 'failed'),
    step('context', 'source'),
    step('copy', 'ran', { layer: layer(512), read: 30 }),
  ]);
  assert.equal(
    steps.map(({ bytesRead }) => bytesRead),
    [12, null, 0, null, null, 30],
  );
  assert.equal(summary.bytes, { read: 42, written: 3584, pulled: 0, pushed: 0 });
  assert.equal(steps[0]!.bytes, { written: 2048 });
});

test('what was pulled is told at the first step that names the image, the rest of the build alone', () => {
  const digest = digestOf('image');
  const image = (text: string): StepRecord => step('image', 'source', { text });
  const { steps, summary, transfers } = report(
    [
      image(`FROM docker.io/library/a:1@${digest}`),
      image(`FROM docker.io/library/a:1@${digest}`),
      image('[context base] /layouts/my a:1'),
      image(`FROM docker.io/library/b@${digest}`),
      image('FROM docker.io/library/c:1'),
      step('copy', 'hit', { layer: layer(1) }),
    ],
    [
      { kind: 'pulled', name: 'pull docker.io/library/a:1', bytes: 100 },
      { kind: 'pulled', name: `pull docker.io/library/b@${digest}`, bytes: 20 },
      { kind: 'pulled', name: 'pull /layouts/my a:1', bytes: 7 },
      { kind: 'pulled', name: 'pull registry.example.com/app:cache', bytes: 3000 },
      { kind: 'pushed', name: 'push docker.io/library/c:1', bytes: 5 },
    ],
  );
  assert.equal(
    steps.map(({ bytesPulled }) => bytesPulled),
    [100, 0, 7, 20, 0, 0],
  );
  assert.equal(summary.bytes, { read: 0, written: 0, pulled: 3127, pushed: 5 });
  assert.is(transfers.length, 5);
});

test.run();
