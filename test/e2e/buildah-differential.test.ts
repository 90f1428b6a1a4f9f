// Generated Dockerfiles, built by Slipway and by Debian's buildah: a container must not be able to tell the images apart,
// but for what a table lists with its reasons. SLIPWAY_SEEDS=FROM-TO takes other seeds than the fixed ones.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { requireBuildah } from '../support/buildah.ts';
import { type DifferentialCase, unexplained } from '../support/buildah-differences.ts';
import { compareImages, type Difference, type FileView, type ImageView } from '../support/compare-images.ts';
import { differentialBench } from '../support/differential-build.ts';

const test = suite('e2e buildah differential');
/** Builds at a time: one waits while the other works. */
const width = 2;

const show = ({ at, what, left, right }: Difference): string =>
  `  ${at} ${what}: slipway ${left}, buildah ${right}`;

test('a container sees the same in what Slipway and buildah build from 30 generated Dockerfiles', async () => {
  if (!requireBuildah()) return;
  const [first = 1, last = 30] = (process.env['SLIPWAY_SEEDS'] ?? '1-30').split('-').map(Number);
  await using bench = await differentialBench();
  const found: string[] = [];
  let seed = first;
  const work = async (): Promise<void> => {
    while (seed <= last) {
      const own = seed++;
      const { differences, built } = await bench.compare(own);
      const left = unexplained(differences, built).map(show);
      if (left.length > 0) found.push(`seed ${own}:\n${built.dockerfile}\n${left.join('\n')}`);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  assert.is(found.join('\n\n'), '');
});

const file = (more: Partial<FileView> = {}): FileView =>
  ({ type: 'file', mode: '644', owner: '0:0', time: '1000', content: '1 a', ...more }) as FileView;
const image = (files: Record<string, FileView>, config: Record<string, unknown> = {}): ImageView => ({
  files: new Map(Object.entries(files)),
  config,
});

test('a planted difference of any kind is reported, and no row of the table covers it', () => {
  const plain = image({ '/a': file(), '/b': file() }, { Env: ['A=1'], Labels: { x: '1' } });
  const planted: readonly [string, ImageView][] = [
    ['/b there', image({ '/a': file() }, plain.config)],
    ['/b type', image({ '/a': file(), '/b': file({ type: 'symlink' }) }, plain.config)],
    ['/b mode', image({ '/a': file(), '/b': file({ mode: '600' }) }, plain.config)],
    ['/b owner', image({ '/a': file(), '/b': file({ owner: '0:7' }) }, plain.config)],
    ['/b time', image({ '/a': file(), '/b': file({ time: '1001' }) }, plain.config)],
    ['/b content', image({ '/a': file(), '/b': file({ content: '1 b' }) }, plain.config)],
    ['/b same as', image({ '/a': file(), '/b': file({ 'same as': '/a' }) }, plain.config)],
    ['/b xattr.user.x', image({ '/a': file(), '/b': file({ 'xattr.user.x': '00' }) }, plain.config)],
    ['config Env', image({ '/a': file(), '/b': file() }, { ...plain.config, Env: ['A=2'] })],
    ['config Labels', image({ '/a': file(), '/b': file() }, { ...plain.config, Labels: {} })],
    ['config Cmd', image({ '/a': file(), '/b': file() }, { ...plain.config, Cmd: ['x'] })],
  ];
  const built: DifferentialCase = { dockerfile: 'FROM base\nCOPY a /a\n', folderTimes: [5] };
  assert.equal(compareImages(plain, plain), []);
  for (const [name, other] of planted) {
    const differences = compareImages(plain, other);
    assert.equal(
      unexplained(differences, built).map(({ at, what }) => `${at} ${what}`),
      [name],
    );
  }
});

test.run();
