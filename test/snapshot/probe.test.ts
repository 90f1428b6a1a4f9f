import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeOverlay } from '../../src/snapshot/probe.ts';

const test = suite('probeOverlay');
const root = mkdtempSync(join(tmpdir(), 'probe-'));

test.after(() => rmSync(root, { recursive: true, force: true }));

test('a machine without the commands has no overlay, and nothing is left', async () => {
  assert.is(await probeOverlay(root, { path: '/nonexistent' }), false);
  assert.equal(readdirSync(root), []);
});

test('a mount that fails is no overlay', async () => {
  assert.is(await probeOverlay(root, { unshare: ['--no-such-option'] }), false);
});

test('the answer is the same twice, and nothing is left', async () => {
  assert.is(await probeOverlay(root), await probeOverlay(root));
  assert.equal(readdirSync(root), []);
});

test.run();
