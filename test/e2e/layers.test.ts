// Real builds looked into: the figures of `layers` against what umoci unpacks and the tars hold, and what `diff` says of two builds.
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageDiff, LayersReport } from '../../src/index.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, mustRun, runCommand } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e layers');

const dockerfile = `FROM base
ENV A=1
RUN mkdir -p /var/lib/apt/lists /app/sub && head -c 300000 /dev/zero > /var/lib/apt/lists/x && head -c 100000 /dev/zero | tr '\\0' 'b' > /app/big
COPY text /app/
RUN rm /var/lib/apt/lists/x && chmod 4755 /app/big && ln /app/big /app/sub/again
RUN cp /app/text "/app/$(printf 'n\\033[31m\\nx')" && rm -r /app/sub && chmod 777 /app && mkfifo /app/pipe && ln -s text /app/link
CMD ["sh"]
`;

let shared: Workbench | undefined;

/** One for all tests, since they only look. */
async function app(): Promise<Workbench> {
  if (shared) return shared;
  shared = await workbench({ Dockerfile: dockerfile, text: 'one\ntwo\n' });
  await shared.build(['-t', 'app:1']);
  return shared;
}

test.after(async () => {
  await shared?.[Symbol.asyncDispose]();
});

async function ok(bench: Workbench, ...args: string[]): Promise<string> {
  const result = await bench.slipway(args);
  assert.is(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

const layersOf = async (bench: Workbench, ...args: string[]): Promise<LayersReport> =>
  JSON.parse(await ok(bench, 'layers', '--json', ...args));
const diffOf = async (bench: Workbench, ...args: string[]): Promise<ImageDiff> =>
  JSON.parse(await ok(bench, 'diff', '--json', ...args));

/** Names of all but folders, and bytes of files, each inode once. */
function measured(root: string): { files: number; bytes: number } {
  const seen = new Set<number>();
  let files = 0;
  let bytes = 0;
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const stat = lstatSync(join(folder, name));
      if (stat.isDirectory()) {
        visit(join(folder, name));
        continue;
      }
      files++;
      if (!stat.isFile() || seen.has(stat.ino)) continue;
      seen.add(stat.ino);
      bytes += stat.size;
    }
  };
  visit(root);
  return { files, bytes };
}

test('files and bytes are those that umoci unpacks, and those of the tars', async () => {
  if (!requireWorkbench()) return;
  const bench = await app();
  const { total, layers } = await layersOf(bench, 'app:1');
  await ok(bench, 'save', '--format=oci-dir', '-o', 'folder', 'app:1');
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
  await mustRun([
    'umoci',
    'unpack',
    ...rootless,
    '--image',
    `${bench.file('folder')}:1`,
    bench.file('bundle'),
  ]);
  const { files, bytes } = measured(bench.file('bundle/rootfs'));
  assert.equal([total.files, total.reachable], [files, bytes]);
  assert.is(total.wasted, total.bytes - bytes);
  for (const { digest, bytes: own } of layers) {
    const list = execFileSync('tar', ['-tvf', bench.file(`folder/blobs/sha256/${digest.slice(7)}`)], {
      encoding: 'utf8',
    });
    const sizes = list.split('\n').map((line) => (line.startsWith('-') ? Number(line.split(/\s+/)[2]) : 0));
    assert.is(
      own,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  }
});

test('each step is told with its line, what it wrote and wasted, and what to do about it', async () => {
  if (!requireWorkbench()) return;
  const bench = await app();
  const { layers, instructions, waste, hints, setuid, worldWritable } = await layersOf(bench, 'app:1');
  const steps = instructions.filter(({ place }) => place !== undefined);
  assert.equal(
    steps.map(({ place }) => place!.lines[0]),
    [3, 4, 5, 6],
  );
  assert.equal(
    layers.map(({ base }) => base),
    [true, false, false, false, false],
  );
  const [, made, copied, removed] = layers;
  assert.equal([made!.bytes, made!.wasted], [400_000, 400_000]);
  assert.equal(copied!.added, { files: 1, bytes: 8 });
  assert.equal(
    [removed!.deleted, removed!.rewritten],
    [
      { files: 1, bytes: 300_000 },
      { files: 1, bytes: 100_000 },
    ],
  );
  assert.equal(waste, [
    { kind: 'deleted', layer: 1, by: 3, files: 1, bytes: 300_000 },
    { kind: 'overwritten', layer: 1, by: 3, files: 1, bytes: 100_000 },
  ]);
  assert.equal(
    hints.map(({ kind, bytes }) => [kind, bytes]),
    [
      ['late', 300_000],
      ['rewritten', 100_000],
    ],
  );
  assert.ok(setuid.items.some(({ path, mode }) => path === 'app/big' && mode === '4755'));
  assert.ok(worldWritable.items.some(({ path }) => path === 'app'));
  const text = await ok(bench, 'layers', '--files', '--depth=0', 'app:1');
  assert.match(text, /^2 +400kB +2 \(400kB\) +- +- +400kB +3 +RUN mkdir/m);
  assert.match(
    text,
    /the apt lists that RUN .* \(layer 2, line 3\) left are deleted later, by RUN rm .* \(layer 4, line 5\)/,
  );
  assert.match(text, /^ {2}~ +big +100kB$/m);
  assert.match(text, /^ {2}- +x +300kB$/m);
  assert.match(text, /n\^Jx/, 'the name of a file steers no terminal');
  assert.not.match(text, /\x1b/);
});

test('a budget that is exceeded fails after the report, one that is kept does not', async () => {
  if (!requireWorkbench()) return;
  const bench = await app();
  await ok(bench, 'layers', '--budget=image=100MB,layer=50MB', '--budget', 'wasted=90%', 'app:1');
  const failed = await bench.slipway(['layers', '--budget=wasted=300kB,files=1', 'app:1']);
  assert.is(failed.code, 4);
  assert.match(failed.stdout, /over +wasted=300kB/);
  assert.match(
    failed.stderr,
    /ERROR: the image is over its budget: wasted are 400kB, at most 300kB are allowed; files: /,
  );
  assert.match(failed.stderr, /hint: what would save most \(300kB\)/);
  const wrong = await bench.slipway(['layers', '--budget=size=3', 'app:1']);
  assert.is(wrong.code, 2);
});

test('archives, layouts and registries are looked into as the store is, and nothing is kept of archives', async () => {
  if (!requireWorkbench()) return;
  const bench = await app();
  const here = await layersOf(bench, 'app:1');
  await ok(bench, 'save', '-o', 'docker.tar', 'app:1');
  await ok(bench, 'save', '--format=oci-dir', '-o', 'folder', 'app:1');
  await using other = await workbench();
  for (const image of [
    `docker-archive:${bench.file('docker.tar')}`,
    `oci-archive:${bench.file('docker.tar')}:app:1`,
    `oci:${bench.file('folder')}`,
  ]) {
    const there = await layersOf(other, image);
    assert.equal(there.total, { ...here.total, storedBytes: there.total.storedBytes }, image);
  }
  assert.is(await ok(other, 'images', '-q'), '');
  const missing = await other.slipway(['layers', 'app:1']);
  assert.match(missing.stderr, /docker-image:\/\/app:1/);
  if (!requireFeature('docker-registry', hasDockerRegistry())) return;
  const registry = await startDockerRegistry();
  try {
    await ok(bench, 'tag', 'app:1', `${registry.host}/app:1`);
    await ok(bench, 'push', `${registry.host}/app:1`);
    const there = await layersOf(other, `docker-image://${registry.host}/app:1`);
    assert.is(there.total.bytes, here.total.bytes);
    assert.ok(
      (await diffOf(other, `docker-image://${registry.host}/app:1`, `oci:${bench.file('folder')}`)).equal,
    );
  } finally {
    await registry.stop();
  }
});

test('a rebuild differs from the build before in what was edited, and by the steps that read it', async () => {
  if (!requireWorkbench()) return;
  const bench = await app();
  await bench.write({ text: 'one\nthree\n', Dockerfile: dockerfile.replace('A=1', 'A=2') });
  await bench.build(['-t', 'app:2']);
  const { files, config, layers, instructions } = await diffOf(bench, 'app:1', 'app:2');
  assert.equal(
    files.map(({ path, change, aspects }) => [change, path, ...aspects]),
    [
      ['changed', 'app/n\x1b[31m\nx', 'content', 'size'],
      ['changed', 'app/text', 'content', 'size'],
    ],
  );
  assert.equal(config, [{ field: 'Env A', before: '1', after: '2' }]);
  assert.equal([layers.shared, layers.after.length], [2, 5]);
  assert.equal(instructions.map(({ layer, text }) => [layer, text.slice(0, 4)]).sort(), [
    [2, 'COPY'],
    [4, 'RUN '],
  ]);
  const patch = await ok(bench, 'diff', '--patch', 'app:1', 'app:2');
  assert.match(patch, '--- a/app/text\n+++ b/app/text\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n');
  assert.not.match(patch, /\x1b/);
  assert.match(await ok(bench, 'diff', '--stat', '--depth=1', 'app:1', 'app:2'), /^ {2}\/app +\+0 -0 ~2 /m);
  assert.is((await bench.slipway(['diff', '--exit-code', 'app:1', 'app:2'])).code, 1);
  assert.is((await bench.slipway(['diff', '--exit-code', 'app:1', 'app:1'])).code, 0);
  const step = await diffOf(bench, 'app:1#2', 'app:1#3');
  assert.equal(
    step.files.map(({ change, path }) => [change, path]),
    [['added', 'app/text']],
  );
  assert.is((await bench.slipway(['diff', 'app:1#9', 'app:1'])).code, 2);
});

test('what a comparison calls changed is what diff finds in two unpacked images', async () => {
  if (!requireWorkbench() || !requireFeature('diff', findProgram('diff') !== undefined)) return;
  const bench = await app();
  await bench.write({
    text: 'one\ntwo\n',
    Dockerfile: `${dockerfile}RUN rm /app/big && echo new > /new && echo x >> /app/text\n`,
  });
  await bench.build(['-t', 'app:3']);
  const roots: string[] = [];
  for (const tag of ['1', '3']) {
    const root = bench.file(`root-${tag}`);
    await mustRun(['mkdir', root]);
    await ok(bench, 'export', '-o', `${tag}.tar`, `app:${tag}`);
    await mustRun(['tar', '-xf', bench.file(`${tag}.tar`), '-C', root, '--exclude=dev/*']);
    roots.push(root);
  }
  const { stdout, code } = await runCommand(['diff', '-rq', '--no-dereference', ...roots]);
  assert.is(code, 1);
  const found = stdout
    .trim()
    .split('\n')
    // It can't compare pipes.
    .filter((line) => !line.includes(' is a fifo '))
    .map((line) => line.replace(/^Only in (.*): /, '$1/').replace(/^Files (.*) and .* differ$/, '$1'))
    .map((path) => path.replace(/^.*?\/root-\d\//, ''));
  const { files } = await diffOf(bench, 'app:1', 'app:3');
  assert.equal(files.map(({ path }) => path).sort(), found.sort());
  assert.is(found.length, 3);
});

test.run();
