import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blankNode } from '../../src/erofs/node.ts';
import { createNodeTable } from '../../src/erofs/node-table.ts';
import { renderImage } from '../../src/erofs/render-image.ts';
import { createImageMounter } from '../../src/fs/mount-image.ts';
import { probeErofs, probeForm } from '../../src/snapshot/probe-erofs.ts';
import { requireFeature } from '../support/require-feature.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('fs/mount-image');
const available = (await probeErofs(tmpdir())) !== undefined;

const check = (title: string, body: () => Promise<void>): void => {
  test(title, async () => {
    if (requireFeature('erofs', available)) await body();
  });
};

function image(): Buffer {
  const nodes = createNodeTable();
  const root = nodes.add({ ...blankNode('dir'), mode: 0o755 });
  const content = { device: 1, offset: 512, size: 3 };
  nodes.put(root, 'file', nodes.add({ ...blankNode('file'), content }));
  return Buffer.concat([...renderImage(nodes, { root, devices: [1024] })]);
}

check('what is mounted is seen by its path until all is closed, and in no list of mounts', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('image'), image());
  writeFileSync(dir.file('device'), `${'.'.repeat(512)}abc`.padEnd(1024, '.'));
  const mounter = createImageMounter()!;
  const before = readdirSync('/proc/self/fd').length;
  const path = mounter.mount(dir.file('image'), [dir.file('device')]);
  assert.is(readFileSync(`${path}/file`, 'utf8'), 'abc');
  assert.throws(() => writeFileSync(`${path}/new`, ''), /EROFS/);
  assert.not.match(readFileSync('/proc/self/mountinfo', 'utf8'), / - erofs /);
  mounter.close();
  assert.not(existsSync(`${path}/file`));
  assert.is(readdirSync('/proc/self/fd').length, before);
});

check('what the kernel refuses is told with its code', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('none'), Buffer.alloc(4096));
  const mounter = createImageMounter()!;
  assert.throws(() => mounter.mount(dir.file('none'), []), /EINVAL: mount of an EROFS image/);
  assert.throws(() => mounter.mount(dir.file('absent'), []), /ENOENT/);
  mounter.close();
});

const loops = await probeForm('loop', tmpdir());

/** The loop devices over a file, deleted or not. */
const loopsOver = (file: string): string[] =>
  readdirSync('/sys/block').filter((name) => {
    const backing = `/sys/block/${name}/loop/backing_file`;
    return existsSync(backing) && readFileSync(backing, 'utf8').startsWith(file);
  });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('so are loop devices where plain files are not mounted, and they go with the mount', async () => {
  if (!requireFeature('loop devices', loops)) return;
  await using dir = await tempDir();
  writeFileSync(dir.file('image'), image());
  writeFileSync(dir.file('device'), `${'.'.repeat(512)}abc`.padEnd(1024, '.'));
  const mounter = createImageMounter('loop')!;
  const path = mounter.mount(dir.file('image'), [dir.file('device')]);
  assert.is(readFileSync(`${path}/file`, 'utf8'), 'abc');
  assert.is(loopsOver(dir.path).length, 2);
  mounter.close();
  await until(() => loopsOver(dir.path).length === 0);
});

test('a kill leaves no loop device', async () => {
  if (!requireFeature('loop devices', loops)) return;
  await using dir = await tempDir();
  writeFileSync(dir.file('image'), image());
  writeFileSync(dir.file('device'), Buffer.alloc(1024));
  const module = new URL('../../src/fs/mount-image.ts', import.meta.url).href;
  const script = `
    const { createImageMounter } = await import(${JSON.stringify(module)});
    createImageMounter('loop').mount('image', ['device']);
    console.log('mounted');
    setInterval(() => {}, 1000);`;
  const argv = ['--import', 'tsx', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, argv, { cwd: dir.path, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  assert.is(loopsOver(dir.path).length, 2);
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
  await until(() => loopsOver(dir.path).length === 0);
});

test.run();
