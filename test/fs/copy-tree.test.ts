import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyTree } from '../../src/fs/copy-tree.ts';
import { loadSys } from '../../src/fs/sys.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { requireFeature } from '../support/require-feature.ts';
import { listTree } from '../support/snapshot-steps.ts';

const test = suite('copyTree');
const root = mkdtempSync(join(tmpdir(), 'copy-tree-'));
let made = 0;

test.after(() => rmSync(root, { recursive: true, force: true }));

function makePair(script: string): { source: string; target: string } {
  const [source, target] = ['source', 'target'].map((name) => join(root, `${name}${made}`)) as [
    string,
    string,
  ];
  made++;
  for (const directory of [source, target]) mkdirSync(directory);
  execFileSync('sh', ['-ec', script], { cwd: source });
  return { source, target };
}

test('a copy is like the original in everything, directory times included', async () => {
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  const { source, target } = makePair(`
    mkdir -p d/e; echo f >d/f; ln d/f d/e/link; ln d/f g; ln -s nowhere l; chown -h 5:6 l; chmod 6711 d/f
    mkfifo -m 620 p; mknod c c 1 5; mknod b b 7 300; mkdir "$(printf 'n\\200')"; echo n >"$(printf 'n\\200/\\377')"
    chown 70000:80000 d/e; chmod 1777 d/e; touch -h -d @1000000000.123456789 l d/f d/e d; chmod 750 .; touch -d @5 .`);
  await copyTree(source, target, new AbortController().signal);
  const [before, after] = [source, target].map((directory) => createDirectoryTree(directory));
  assert.equal(listTree(after!), listTree(before!));
  for (const path of ['', '/d', '/d/e']) {
    const [a, b] = [source, target].map((directory) => lstatSync(directory + path, { bigint: true }));
    assert.equal([b!.mtimeNs, b!.mode, b!.uid, b!.gid], [a!.mtimeNs, a!.mode, a!.uid, a!.gid], path);
  }
  assert.is(lstatSync(join(target, 'g')).nlink, 3);
});

test('extended attributes are copied, capabilities among them', async () => {
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  const { source, target } = makePair('echo f >f; chown 3:4 f; mkdir d');
  const sys = loadSys();
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
  sys.setXattr(join(source, 'f'), 'security.capability', capability);
  sys.setXattr(join(source, 'd'), 'user.mine', Buffer.from('1'));
  await copyTree(source, target, new AbortController().signal);
  assert.equal(sys.getXattr(join(target, 'f'), 'security.capability'), capability);
  assert.equal(sys.getXattr(join(target, 'd'), 'user.mine'), Buffer.from('1'));
});

test('a copy that is no longer wanted stops', async () => {
  const { source, target } = makePair('touch a');
  const reason = new Error('enough');
  const result = await copyTree(source, target, AbortSignal.abort(reason)).catch((error: unknown) => error);
  assert.is(result, reason);
});

test.run();
