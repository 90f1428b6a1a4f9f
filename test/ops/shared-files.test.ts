import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSharedFiles } from '../../src/ops/shared-files.ts';
import { dir, link, memoryTree } from '../support/memory-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('shared-files');
const settings = {
  hostname: 'step',
  extraHosts: [{ name: 'db', ip: '10.0.0.9' }],
  resolvConf: 'nameserver 10.0.0.1\n',
};

test('the files are written once, and mounted where the links of each root lead', async () => {
  await using folder = await tempDir();
  const shared = createSharedFiles(settings, folder.path);
  const plain = shared.mounts(memoryTree({ '/etc/hosts': '' }));
  const linked = shared.mounts(memoryTree({ '/etc/resolv.conf': link('../run/resolv') }));
  assert.equal(
    [...plain, ...linked].map(({ target }) => target),
    ['/etc/hosts', '/etc/resolv.conf', '/etc/hosts', '/run/resolv'],
  );
  const sources = [...plain, ...linked].map((mount) => (mount.type === 'bind' ? mount.source : ''));
  assert.equal(new Set(sources).size, 2);
  assert.match(readFileSync(sources[0]!, 'utf8'), /^10\.0\.0\.9\tdb\n127\.0\.0\.1\tstep$/m);
  assert.is(readFileSync(sources[1]!, 'utf8'), settings.resolvConf);
});

test('what a root lacks is a layer whose directories are as those of the root', async () => {
  await using folder = await tempDir();
  const shared = createSharedFiles(settings, folder.path);
  const mtime = 1_700_000_000_123_456_789n;
  const root = memoryTree({ '/etc': dir({ mode: 0o2751, uid: 3, gid: 4, mtime }), '/etc/hosts': '' });
  const layer = shared.points(root, ['/etc/hosts', '/etc/resolv.conf', '/run/a/b'])!;
  assert.equal(readdirSync(layer, { recursive: true }).sort(), [
    'etc',
    'etc/resolv.conf',
    'run',
    'run/a',
    'run/a/b',
  ]);
  const etc = lstatSync(`${layer}/etc`, { bigint: true });
  assert.equal([Number(etc.mode) & 0o7777, etc.uid, etc.gid], [0o2751, 3n, 4n]);
  assert.is(etc.mtimeNs / 1_000_000n, mtime / 1_000_000n);
  assert.is(lstatSync(`${layer}/run/a`).mode & 0o7777, 0o755);
  assert.ok(lstatSync(`${layer}/run/a/b`).isFile());
});

test('roots that lack the same share a layer, others do not', async () => {
  await using folder = await tempDir();
  const shared = createSharedFiles(settings, folder.path);
  const paths = ['/etc/hosts'];
  const first = shared.points(memoryTree({ '/etc': dir() }), paths);
  assert.is(shared.points(memoryTree({ '/etc': dir(), '/srv': dir() }), paths), first);
  assert.is.not(shared.points(memoryTree({ '/etc': dir({ mode: 0o700 }) }), paths), first);
  assert.is.not(shared.points(memoryTree({}), paths), first);
});

test('there is no layer where nothing is missing, below /dev, or where a file is in the way', async () => {
  await using folder = await tempDir();
  const shared = createSharedFiles(settings, folder.path);
  const root = memoryTree({ '/etc/hosts': '', '/run': 'a file' });
  assert.is(shared.points(root, ['/etc/hosts', '/dev/x', '/run/resolv']), undefined);
});

test.run();
