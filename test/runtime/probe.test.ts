import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import type { Rung } from '../../src/runtime/ladder.ts';
import { chooseRuntime, type RuntimeProbe } from '../../src/runtime/probe.ts';
import { readFacts } from '../../src/runtime/read-facts.ts';
import { systemPath } from '../../src/runtime/step-process.ts';

const test = suite('probe');
let folder = '';
let programs = '';
let asked = 0;

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'));
  programs = mkdtempSync(join(tmpdir(), 'programs-'));
  asked = 0;
});
test.after.each(() => {
  for (const path of [folder, programs]) rmSync(path, { recursive: true });
});

/** Puts programs of these names on the path, which fail. */
function install(...names: string[]): void {
  for (const name of names)
    writeFileSync(join(programs, name), '#!/bin/sh\necho "no such option" >&2; exit 1\n', { mode: 0o755 });
}

const probeOf = (name: string, works: boolean): RuntimeProbe => ({
  ...{ name, command: ['sandbox', 'chroot'].includes(name) ? 'launcher' : join(programs, name), works },
  ...(works ? {} : { reason: 'it broke' }),
});

const choose = (
  isolation: 'auto' | 'oci' | 'sandbox',
  known: readonly RuntimeProbe[] = [],
  options: { path?: string; require?: Rung; within?: Rung } = {},
) =>
  chooseRuntime(isolation, {
    path: programs,
    ...options,
    known,
    facts: () => readFacts(systemPath, {}),
    async scratch() {
      asked++;
      return folder;
    },
  });

test('a program that only has the name of a runtime does not work, and the reason says so', async () => {
  install('crun', 'runc');
  try {
    await choose('oci', [], { path: `${programs}:${systemPath}` });
    assert.unreachable();
  } catch (error) {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME_MISSING');
    assert.match(error.message, 'no such option');
    assert.match(error.hint ?? '', 'slipway doctor');
  }
  assert.equal(readdirSync(folder), []);
});

test('the first that works and is accepted is chosen', async () => {
  install('crun', 'runc');
  const known = [probeOf('crun', false), probeOf('runc', true), probeOf('sandbox', true)];
  assert.is((await choose('auto', known)).runtime.name, 'sandbox');
  assert.is((await choose('oci', known)).runtime.name, 'runc');
  assert.is((await choose('sandbox', known)).runtime.name, 'sandbox');
  const broken = [probeOf('sandbox', false), probeOf('crun', false), probeOf('runc', true)];
  assert.is((await choose('auto', broken)).runtime.name, 'runc');
});

test('nothing is tried that is known, or that comes after what works', async () => {
  install('crun', 'runc', 'unshare');
  const known = [probeOf('sandbox', false), probeOf('crun', false), probeOf('runc', true)];
  const chosen = await choose('auto', known);
  assert.equal(chosen.probes, known);
  assert.is(asked, 0);
});

test('what is found out can be remembered', async () => {
  install('crun', 'runc');
  const known = [probeOf('sandbox', false), probeOf('runc', true)];
  const { runtime, probes } = await choose('auto', known);
  assert.is(runtime.name, 'runc');
  assert.equal(
    probes.map(({ name, works }) => [name, works]),
    [
      ['sandbox', false],
      ['runc', true],
      ['crun', false],
    ],
  );
  assert.equal(JSON.parse(JSON.stringify(probes)), probes);
});

test('a program that was replaced by one elsewhere is looked at anew', async () => {
  install('runc');
  const elsewhere = { name: 'runc', command: '/elsewhere/runc', works: true };
  const unshare = { name: 'unshare', command: join(programs, 'unshare'), works: true };
  install('unshare');
  const { runtime } = await choose('auto', [elsewhere, probeOf('sandbox', false), unshare]);
  assert.is(runtime.name, 'unshare');
  assert.is(asked, 1);
});

test('where none works the error says why and what to do', async () => {
  install('crun', 'unshare');
  const known = ['crun', 'sandbox', 'unshare', 'chroot'].map((name) => probeOf(name, false));
  for (const isolation of ['oci', 'sandbox', 'auto'] as const) {
    try {
      await choose(isolation, known);
      assert.unreachable();
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME_MISSING');
      assert.match(error.message, 'it broke');
      const hints = { oci: '--isolation=sandbox', sandbox: '--isolation=oci', auto: 'slipway doctor' };
      assert.match(error.hint ?? '', hints[isolation]);
    }
  }
});

test('what is required is chosen, though something lesser comes first', async () => {
  install('runc', 'unshare');
  const known = [probeOf('sandbox', true), probeOf('runc', true), probeOf('unshare', true)];
  const chosen = await choose('auto', known, { require: 'oci' });
  assert.equal([chosen.runtime.name, chosen.trial.rung], ['runc', 'oci']);
  for (const require of ['sandbox', 'rootless', 'chroot'] as const)
    assert.is((await choose('auto', known, { require })).runtime.name, 'sandbox');
});

test('what is not met is refused, with what would be taken and what to do', async () => {
  const cases = [
    {
      known: [probeOf('sandbox', true)],
      require: 'oci',
      told: /in namespaces of their own, as root \(sandbox\)/,
    },
    {
      known: [probeOf('sandbox', false), probeOf('chroot', true)],
      require: 'sandbox',
      told: /\(chroot\)/,
    },
    { known: [probeOf('sandbox', true)], require: 'rootless', within: 'rootless-single', told: /one id/ },
  ] as const;
  for (const { told, known, ...options } of cases) {
    try {
      await choose('auto', known, options);
      assert.unreachable();
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME_MISSING', `${error}`);
      assert.match(error.message, told);
      assert.match(error.message, `--require=${options.require} is not met`);
      assert.match(error.hint ?? '', 'slipway doctor');
    }
  }
});

test('a stand-in without a filter of system calls meets no level that promises one', async () => {
  install('unshare');
  const known = [probeOf('sandbox', false), probeOf('chroot', false), probeOf('unshare', true)];
  const { trial } = await choose('auto', known);
  assert.equal([trial.rung, trial.lacks], ['sandbox', ['seccomp']]);
  try {
    await choose('auto', known, { require: 'sandbox' });
    assert.unreachable();
  } catch (error) {
    assert.ok(isSlipwayError(error));
    assert.match(error.message, 'unshare, without: seccomp');
  }
});

test.run();
