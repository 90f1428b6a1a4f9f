import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { chooseRuntime, probeRuntimes } from '../../src/runtime/probe.ts';
import { systemPath } from '../../src/runtime/step-process.ts';

const test = suite('probe');
const works = { command: '/x/runc', works: true };
const sandbox = { name: 'sandbox', command: '/x/unshare', works: true };
let folder = '';

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'));
});
test.after.each(() => rmSync(folder, { recursive: true }));

test('a program that only has the name of a runtime does not work, and the reason says so', async () => {
  const fake = mkdtempSync(join(tmpdir(), 'fake-'));
  writeFileSync(join(fake, 'runc'), '#!/bin/sh\necho "no such option" >&2; exit 1\n', { mode: 0o755 });
  const probes = await probeRuntimes({ path: `${fake}:${systemPath}`, scratch: folder });
  const runc = probes.find(({ name }) => name === 'runc');
  assert.is(runc?.works, false);
  assert.match(runc?.reason ?? '', 'no such option');
  assert.is(runc?.command, join(fake, 'runc'));
  assert.equal(readdirSync(folder), []);
  assert.equal(JSON.parse(JSON.stringify(probes)), probes);
  rmSync(fake, { recursive: true });
});

test('without any program only the sandbox is listed, as missing', async () => {
  const probes = await probeRuntimes({ path: folder, scratch: folder });
  assert.equal(
    probes.map(({ name, works: does }) => [name, does]),
    [['sandbox', false]],
  );
});

test('the first that works and is accepted is chosen', () => {
  const broken = { name: 'crun', command: '/x/crun', works: false, reason: 'no cgroups' };
  const probes = [broken, { name: 'runc', ...works }, sandbox];
  assert.is(chooseRuntime('auto', probes).name, 'runc');
  assert.is(chooseRuntime('oci', probes).name, 'runc');
  assert.is(chooseRuntime('sandbox', probes).name, 'sandbox');
  assert.is(chooseRuntime('auto', [broken, sandbox]).name, 'sandbox');
});

test('where none works the error says why and what to install', () => {
  const broken = { name: 'runc', command: '/x/runc', works: false, reason: 'no cgroups' };
  for (const isolation of ['oci', 'sandbox'] as const) {
    try {
      chooseRuntime(isolation, [isolation === 'oci' ? sandbox : { name: 'crun', ...works }, broken]);
      if (isolation === 'oci') assert.unreachable();
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME_MISSING');
      assert.match(error.hint ?? '', isolation === 'oci' ? 'apt-get install runc' : 'util-linux');
      if (isolation === 'oci') assert.match(error.message, 'no cgroups');
    }
  }
});

test.run();
