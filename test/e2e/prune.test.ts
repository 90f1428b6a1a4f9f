// Prune: what it frees, what it leaves, and that everything builds afterwards, also while it runs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, type Engine } from '../../src/engine.ts';
import { ownIdentity } from '../../src/fs/process-identity.ts';
import type { PruneRequest } from '../../src/image-request.ts';
import { deadName } from '../support/dead-name.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e prune');
const call = { signal: new AbortController().signal, onEvent: () => {} };

const dockerfile = (n: number): string =>
  `FROM base\nRUN --mount=type=cache,target=/c echo ${n} > /ran && echo x >> /c/x\nCOPY file /file\nRUN cat /file /ran > /both\n`;

const open = (bench: Workbench): Engine =>
  createEngine({
    root: bench.root,
    isolation: 'auto',
    snapshotter: 'auto',
    parallelism: 2,
    env: process.env,
  });

const prune = (bench: Workbench, request: Partial<PruneRequest> = {}) =>
  open(bench).images.prune({ all: false, ...request }, call);

async function built(bench: Workbench, n: number, file: string): Promise<void> {
  await bench.write({ Dockerfile: dockerfile(n), file });
  const dest = bench.file(`out-${n}`);
  await bench.build([`--output=type=local,dest=${dest}`, '--output=type=image', '-t', `app:${n}`]);
  const text = spawnSync('cat', [join(dest, 'both')], { encoding: 'utf8' }).stdout;
  assert.is(text, `${file}${n}\n`);
}

test('disk usage adds up to what the disk says', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  await built(bench, 1, 'one\n');
  await built(bench, 2, 'two\n');
  const usage = await open(bench).images.diskUsage(call);
  const du = Number.parseInt(spawnSync('du', ['-s', '-B1', bench.root], { encoding: 'utf8' }).stdout, 10);
  assert.is(usage.total, du);
  assert.is(
    usage.items.reduce((sum, { size }) => sum + size, 0),
    du,
  );
  assert.is(usage.items.filter(({ type }) => type === 'cachemount').length, 1);
  assert.ok(usage.items.filter(({ type }) => type === 'snapshot').every(({ size }) => size > 0));
});

test('a named image and its cache survive a prune; all of its cache goes with --all, and the image runs', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  await built(bench, 1, 'one\n');
  const { items } = await prune(bench);
  assert.ok(items.some(({ type }) => type === 'cachemount'));
  const again = await bench.build(['-t', 'app:1']);
  assert.match(again.stderr, /3 from the cache, 0 ran/);
  await prune(bench, { all: true });
  for (const folder of [
    'cache-v2',
    ...['overlay', 'erofs'].flatMap((kind) => [`snapshots-v2/${kind}/l`, `snapshots-v2/${kind}/chains`]),
    'cache-mounts-v1',
  ])
    assert.equal(
      existsSync(join(bench.root, folder))
        ? readdirSync(join(bench.root, folder)).filter((name) => !/^(0+|..)$/.test(name))
        : [],
      [],
      folder,
    );
  const run = await bench.slipway(['run', '--pull=never', 'app:1', 'cat', '/both']);
  assert.is(run.stdout, 'one\n1\n');
  await built(bench, 1, 'one\n');
});

test('an image that lost its name goes, with what was its alone', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  await bench.write({ Dockerfile: 'FROM base\nLABEL keep=no\nRUN echo a > /a\n' });
  await bench.build(['-t', 'app']);
  await bench.write({ Dockerfile: 'FROM base\nRUN echo b > /b\n' });
  await bench.build(['-t', 'app']);
  const labelled = await prune(bench, { labels: ['keep=no'], dryRun: true });
  assert.equal(
    labelled.items.map(({ type }) => type),
    ['image'],
  );
  assert.is((await prune(bench, { labels: ['keep=yes'] })).items.length, 0);
  await prune(bench, { labels: ['keep=no'] });
  assert.is((await bench.slipway(['images', '-q'])).stdout.trim().split('\n').length, 1);
  assert.is((await bench.slipway(['run', '--pull=never', 'app', 'cat', '/b'])).stdout, 'b\n');
});

test('a budget takes the oldest first, and everything still builds', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  for (const n of [1, 2]) await built(bench, n, `${n}\n`);
  const before = await open(bench).images.diskUsage(call);
  for (const share of [0.5, 0.1]) {
    const budget = Math.floor(before.total * share);
    await prune(bench, { all: true, maxUsedSpace: budget });
    const cache = (await open(bench).images.diskUsage(call)).items.filter(
      ({ type, shared }) => type !== 'other' && !(type === 'image' && shared),
    );
    assert.ok(cache.reduce((sum, { size }) => sum + size, 0) <= budget);
    for (const n of [1, 2]) await built(bench, n, `${n}\n`);
  }
});

test('what was used lately stays for as long as it is asked to', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  await built(bench, 1, 'one\n');
  assert.equal((await prune(bench, { all: true, until: Date.now() - 3600_000 })).items, []);
  const mount = join(bench.root, 'cache-mounts-v1', readdirSync(join(bench.root, 'cache-mounts-v1'))[0]!);
  const old = new Date(Date.now() - 2 * 3600_000);
  await utimes(mount, old, old);
  const { items } = await prune(bench, { all: true, until: Date.now() - 3600_000 });
  assert.equal(
    items.map(({ type }) => type),
    ['cachemount'],
  );
});

test('what a process at work has used is left alone', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  await built(bench, 1, 'one\n');
  await mkdir(join(bench.root, 'leases-v1'), { recursive: true });
  const lease = join(bench.root, 'leases-v1', 'lease.test');
  writeFileSync(lease, JSON.stringify({ ...ownIdentity(), since: Date.now() - 3600_000 }));
  assert.equal((await prune(bench, { all: true })).items, []);
  writeFileSync(lease, JSON.stringify({ ...ownIdentity(), start: '1', since: Date.now() - 3600_000 }));
  assert.ok((await prune(bench, { all: true })).items.length > 0, 'the dead hold nothing');
});

test('what a killed prune has moved away is deleted by the next one, and nothing else is missing', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  await built(bench, 1, 'one\n');
  const name = deadName('pruned');
  const left = join(bench.root, 'tmp', name);
  await mkdir(left, { recursive: true });
  writeFileSync(join(left, 'blob'), 'x'.repeat(10_000));
  const { items } = await prune(bench, { types: ['temporary'] });
  assert.equal(
    items.map(({ id }) => id),
    [name],
  );
  assert.not.ok(existsSync(left));
  await built(bench, 1, 'one\n');
});

test('builds and prunes at once: every build ends well, with what it should have made', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  const contexts = [1, 2].map((n) => bench.file(`context-${n}`));
  for (const [at, context] of contexts.entries()) {
    await mkdir(context);
    writeFileSync(join(context, 'Dockerfile'), dockerfile(at + 1));
    writeFileSync(join(context, 'file'), `${at + 1}\n`);
  }
  const builds = Promise.all(
    contexts.map(async (context, at) => {
      for (let round = 0; round < 2; round++) {
        const name = `app-${at}`;
        const result = await bench.slipway([
          'build',
          bench.base.flag,
          '-t',
          name,
          '--output=type=image',
          `--output=type=docker,dest=${bench.file(`${name}.tar`)}`,
          context,
        ]);
        assert.is(result.code, 0, result.stderr);
        const ran = await bench.slipway(['run', '--pull=never', name, 'cat', '/both']);
        assert.is(ran.stdout, `${at + 1}\n${at + 1}\n`, ran.stderr);
      }
    }),
  );
  let building = true;
  const over = builds.finally(() => {
    building = false;
  });
  let pruned = 0;
  const engine = open(bench);
  const loop = (async () => {
    while (building) {
      const { items } = await engine.images.prune({ all: pruned % 2 === 0 }, call);
      pruned += items.length;
      await new Promise((done) => setImmediate(done));
    }
  })();
  await Promise.all([over, loop]);
  assert.ok(pruned > 0, 'the prunes found something');
});

test.run();
