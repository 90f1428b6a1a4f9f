// Steps that try to get out, in every runtime that this machine has.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createChrootRuntime } from '../../src/runtime/chroot.ts';
import { ladder } from '../../src/runtime/ladder.ts';
import { createOciRuntime } from '../../src/runtime/oci-runtime.ts';
import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import type { Level } from '../support/escapes/attempt.ts';
import { allAttempts } from '../support/escapes/attempts.ts';
import { escapeBench } from '../support/escapes/run-attempts.ts';
import { haveTools, userNamespaces } from '../support/escapes/tools.ts';
import { requireFeature } from '../support/require-feature.ts';
import { stepWorks } from '../support/step-bench.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('e2e escapes');
const sandbox = await stepWorks(createSandboxRuntime());
const works: Record<Level, boolean> = {
  sandbox,
  unshare: sandbox,
  oci: await stepWorks(createOciRuntime({ command: 'runc' })),
  rootless: sandbox && userNamespaces(),
  chroot: await stepWorks(createChrootRuntime(), { whole: true }),
};

for (const level of ['sandbox', 'oci', 'unshare', 'rootless', 'chroot'] as const)
  test(`${level}: none of ${allAttempts.length} attempts to get out of a step gets anywhere`, async () => {
    if (!requireFeature('perl', haveTools) || !requireFeature(level, works[level])) return;
    await using dir = await tempDir();
    await using bench = await escapeBench(dir, { noexec: level === 'unshare' });
    const escapes = await bench.run(allAttempts, { level });
    const open = new Set(allAttempts.flatMap(({ name, open }) => (open?.[level] ? [name] : [])));
    assert.equal(
      escapes.filter(({ name }) => !open.has(name)),
      [],
    );
  });

test('what an insecure step may do is seen: attempts that work do not go unnoticed', async () => {
  if (!requireFeature('perl', haveTools) || !requireFeature('sandbox', sandbox)) return;
  await using dir = await tempDir();
  await using bench = await escapeBench(dir, { noexec: false });
  const attempts = allAttempts.filter(({ control }) => control);
  const escapes = await bench.run(attempts, { level: 'sandbox', insecure: true });
  assert.ok(attempts.length > 7);
  assert.equal(
    escapes.map(({ name }) => name),
    attempts.map(({ name }) => name),
  );
});

test('chroot leaves open what the ladder says, and nothing else', () => {
  const open = allAttempts.filter(({ open }) => open?.chroot !== undefined).map(({ name }) => name);
  assert.equal(open.sort(), ['disk-archive', 'ipc', 'parent', 'pidfd']);
  const { devices, ipc, processes } = ladder.chroot.protections;
  for (const { holds } of [devices, ipc, processes]) assert.is.not(holds, 'yes');
});

test('attempts have names of their own', () => {
  assert.is(new Set(allAttempts.map(({ name }) => name)).size, allAttempts.length);
  assert.ok(allAttempts.length >= 60);
});

test.run();
