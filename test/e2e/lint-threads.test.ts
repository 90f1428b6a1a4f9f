// `slipway lint` of many files, which several threads share, says what one thread says.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeDockerfileCorpus } from '../../bench/dockerfiles.ts';
import { runLint } from '../../src/cli/commands/lint.ts';
import { type LintShare, unpackShare } from '../../src/cli/commands/lint-share.ts';
import type { HelperData, HelperOrder } from '../../src/cli/commands/lint-threads.ts';
import { slipway, top } from '../support/cli.ts';
import { createTestSession } from '../support/cli-session.ts';
import { requireFeature } from '../support/require-feature.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('slipway lint: threads');

// Far beyond what makes a second thread worth while.
const count = 260;

test('a helper takes what nobody has taken, and tells what it found there', async () => {
  const tasks = ['debian', 'alpine', 'busybox'].map((image) => ({
    ...{ name: image, text: `FROM ${image}\n`, path: undefined, settings: {}, level: undefined },
  }));
  const taken = new Int32Array(new SharedArrayBuffer(8));
  taken[0] = 1;
  const data: HelperData = { taken, place: 1 };
  const order: HelperOrder = { tasks, state: { bases: undefined, history: undefined } };
  const share = await new Promise<LintShare>((resolve, reject) => {
    const helper = new Worker(join(top, 'dist/cli/main.js'), {
      ...{ argv: ['lint'], execArgv: [], workerData: data },
    });
    helper.on('message', resolve);
    helper.on('error', reject);
    helper.postMessage(order);
  });
  const found: [number, string[]][] = [];
  unpackShare(share, (index, { findings }) => found.push([index, findings.map(({ rule }) => rule)]));
  assert.is(taken[1], 1);
  assert.equal(found, [
    [1, ['DL3006']],
    [2, ['DL3006']],
  ]);
});

test('the bundle finds in many files what the program finds that has no helpers', async () => {
  requireFeature('a second processor', availableParallelism() > 1);
  await using dir = await tempDir();
  writeDockerfileCorpus(dir.path, count);
  const session = createTestSession({ cwd: dir.path, env: { SLIPWAY_ROOT: dir.file('no-store') } });
  await runLint(['--format=json', '.'], session);
  const bundled = await slipway(['lint', '--format=json', '.'], {
    cwd: dir.path,
    root: dir.file('no-store'),
  });
  assert.is(bundled.code, 1);
  assert.is(bundled.stderr, '');
  assert.ok(bundled.stdout === session.out.text());
});

test('what threads mended together is written, and nothing is left to mend', async () => {
  requireFeature('a second processor', availableParallelism() > 1);
  await using dir = await tempDir();
  const paths = writeDockerfileCorpus(dir.path, count);
  const before = paths.map((path) => readFileSync(path, 'utf8'));
  const options = { cwd: dir.path, root: dir.file('no-store') };
  const fixed = await slipway(['lint', '--fix', '--format=json', '.'], options);
  assert.match(fixed.stderr, /^fixed \d+ of \d+/);
  const changed = paths.filter((path, index) => readFileSync(path, 'utf8') !== before[index]);
  assert.ok(changed.length > count / 2, `${changed.length} files`);
  const again = await slipway(['lint', '--diff', ...paths], options);
  assert.is(again.stdout, '');
});

test.run();
