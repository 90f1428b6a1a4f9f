// Layers that are mounted where they lie by each step itself, as files and by loop devices: the same layers as unpacked ones
// give, and nothing is left of the mounts.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeStepImages } from '../../src/build/probe-step-images.ts';
import { startSlipway } from '../support/cli.ts';
import { readOciImage } from '../support/oci-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e/step-images');
const erofs = '--snapshotter=erofs';
const forms = [
  { form: 'file', available: await probeStepImages('file', tmpdir()) },
  { form: 'loop', available: await probeStepImages('loop', tmpdir()) },
];

const files = {
  Dockerfile: `FROM base AS one
COPY tree /tree
RUN echo made >/made && rm /tree/gone && chmod 4750 /tree/kept && ln /tree/kept /tree/linked
RUN rm -r /tree/dir && mkdir /tree/dir && echo new >/tree/dir/new && ln -s dir/new /tree/symlink
FROM base
COPY --from=one --chown=5:6 /tree /copied
RUN --mount=type=bind,from=one,target=/one cat /one/made /copied/dir/new >/read && cp -a /one/tree/. /own
`,
  ...{ 'tree/gone': 'gone', 'tree/kept': 'kept', 'tree/dir/old': 'old', 'tree/empty': '' },
};

/** A state that remembers this form, whatever else the machine can do. */
async function force(bench: Workbench, form: string): Promise<void> {
  await bench.build([erofs]);
  const probed = JSON.parse(readFileSync(join(bench.root, 'probes-v1.json'), 'utf8')) as object;
  bench.root = bench.file(`state-${form}`);
  mkdirSync(bench.root);
  const told = JSON.stringify({ ...probed, erofs: { form: `step-${form}` } });
  writeFileSync(join(bench.root, 'probes-v1.json'), told);
}

/** The loop devices over files of a folder, deleted or not. */
const loopsOver = (folder: string): string[] =>
  readdirSync('/sys/block').filter((name) => {
    const backing = `/sys/block/${name}/loop/backing_file`;
    return existsSync(backing) && readFileSync(backing, 'utf8').startsWith(folder);
  });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

for (const { form, available } of forms) {
  const check = (title: string, body: (bench: Workbench) => Promise<void>): void => {
    test(`${form}: ${title}`, async () => {
      if (!requireFeature(`step images (${form})`, available) || !requireWorkbench()) return;
      await using bench = await workbench(files);
      await body(bench);
    });
  };

  for (const isolation of ['oci', 'sandbox']) {
    check(`layers are those of unpacked ones, with --isolation=${isolation}`, async (bench) => {
      const flags = [`--isolation=${isolation}`];
      const options = { env: { SOURCE_DATE_EPOCH: '1700000000' } };
      const layersOf = async (extra: string, root: string): Promise<string[]> => {
        const dest = bench.file('image.tar');
        const output = `--output=type=oci,dest=${dest},rewrite-timestamp=true`;
        await bench.build([...flags, extra, output], { ...options, root });
        return (await readOciImage(dest)).config.rootfs.diff_ids;
      };
      const unpacked = await layersOf('--snapshotter=overlay', bench.file('unpacked'));
      await force(bench, form);
      assert.equal(await layersOf(erofs, bench.root), unpacked);
      assert.equal(loopsOver(bench.path), []);
    });
  }

  check('kill -9 in a step leaves no loop device, and a state that builds', async (bench) => {
    await force(bench, form);
    await bench.write({ Dockerfile: 'FROM base\nRUN echo in the step; sleep 5432\n' });
    const argv = ['build', '--progress=plain', '--no-cache', erofs, bench.base.flag, bench.context];
    const child = startSlipway(argv, { root: bench.root, cwd: bench.path });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(said)));
      child.stderr!.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (/^#\d+ [\d.]+ in the step$/m.test(said)) resolve();
      });
    });
    assert.is(loopsOver(bench.path).length > 0, form === 'loop');
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    await until(() => loopsOver(bench.path).length === 0);
    await bench.write({ Dockerfile: 'FROM base\nRUN echo again\n' });
    await bench.build([erofs], { root: bench.root });
  });
}

test.run();
