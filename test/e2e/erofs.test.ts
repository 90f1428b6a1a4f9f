// Builds whose layers are mounted where they lie: the same layers as with unpacked ones, and nothing is left of the mounts.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeErofs } from '../../src/snapshot/probe-erofs.ts';
import { startSlipway } from '../support/cli.ts';
import { requireFeature } from '../support/require-feature.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e/erofs');
const erofs = '--snapshotter=erofs';
const available = (await probeErofs(tmpdir())) !== undefined;

const dockerfile = `FROM base AS one
COPY tree /tree
RUN echo made > /made && rm /tree/gone && chmod 700 /tree/kept && ln /tree/kept /tree/linked
RUN rm -r /tree/dir && mkdir /tree/dir && echo new > /tree/dir/new
FROM base
COPY --from=one /tree /copied
RUN --mount=type=bind,from=one,target=/one cat /one/made /copied/dir/new > /read && mkdir -p /one-is-empty
`;
const files = {
  Dockerfile: dockerfile,
  ...{ 'tree/gone': 'gone', 'tree/kept': 'kept', 'tree/dir/old': 'old', 'tree/empty': '' },
};

const check = (title: string, body: (bench: Workbench) => Promise<void>): void => {
  test(title, async () => {
    if (!requireFeature('erofs', available) || !requireWorkbench()) return;
    await using bench = await workbench(files);
    await body(bench);
  });
};

/** Tars in the store that are no blob of an image. */
function removeTars(bench: Workbench): number {
  const folder = join(bench.root, 'blobs/sha256');
  const tars = readdirSync(folder).filter(
    (name) => statSync(join(folder, name)).size >= 1024 && isTar(readFileSync(join(folder, name))),
  );
  for (const name of tars) rmSync(join(folder, name));
  return tars.length;
}

const isTar = (bytes: Buffer): boolean => bytes.toString('latin1', 257, 262) === 'ustar';

check('after a prune of all, and after the loss of the tars, it builds again', async (bench) => {
  await bench.build([erofs]);
  const pruned = await bench.slipway(['prune', '--all', '--force']);
  assert.is(pruned.code, 0, pruned.stderr);
  await bench.build([erofs]);
  assert.ok(removeTars(bench) > 0);
  const image = await bench.image([erofs]);
  assert.is(image.text('/read'), 'made\nnew\n');
  await bench.write({ 'tree/more': 'more' });
  const more = await bench.image([erofs]);
  assert.is(more.text('/copied/more'), 'more');
});

check('builds at the same time share indexes, and each has mounts of its own', async (bench) => {
  await Promise.all([1, 2, 3].map((n) => bench.build([erofs, `--label=n=${n}`])));
  const again = await bench.build([erofs, '--no-cache']);
  assert.match(again.stderr, /0 from the cache/);
});

check('kill -9 in a step leaves no mount, and a state that builds', async (bench) => {
  await bench.write({ Dockerfile: 'FROM base\nRUN echo in the step; sleep 5432\n' });
  const child = startSlipway(['build', '--progress=plain', erofs, bench.base.flag, bench.context], {
    root: bench.root,
    cwd: bench.path,
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error(said)));
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/^#\d+ [\d.]+ in the step$/m.test(said)) resolve();
    });
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await ended;
  assert.not.match(readFileSync('/proc/self/mountinfo', 'utf8'), / - erofs /);
  await bench.write({ Dockerfile: 'FROM base\nRUN echo again\n' });
  await bench.build([erofs]);
  assert.equal(readdirSync(join(bench.root, 'snapshots-v2/erofs/active')), []);
});

test.run();
