// A race for a mount point: a step exchanges a folder of a cache that it shares with a link to somewhere on the host, while others
// have something mounted in that folder.
import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createSandboxRuntime } from '../../../src/runtime/sandbox.ts';
import type { StepMount } from '../../../src/seams.ts';
import { makeBase, makeStep } from '../step-bench.ts';
import { tempDir } from '../temp-dir.ts';

/** renameat2(2) with RENAME_EXCHANGE, over and over. */
const racer = `$| = 1; my ($a, $b) = ('/c/a', '/c/b'); print '.'; while (1) { syscall(316, -100, $a, -100, $b, 2) }`;

/** @returns how many of the steps that mounted had something made on the host. Steps that fail are no harm. */
export async function mountRaces(count: number, signal: AbortSignal): Promise<number> {
  await using dir = await tempDir();
  makeBase(dir.path);
  const [cache, victim, root] = [dir.file('cache'), dir.file('victim'), dir.file('r')];
  for (const folder of [join(cache, 'a'), victim, root]) mkdirSync(folder, { recursive: true });
  symlinkSync(victim, join(cache, 'b'));
  const runtime = createSandboxRuntime();
  const shared: StepMount = { type: 'bind', source: cache, target: '/c', readonly: false };
  const programs = ['/bin', '/lib', '/lib64', '/usr']
    .filter((target) => existsSync(target))
    .map((target): StepMount => ({ type: 'bind', source: realpathSync(target), target, readonly: true }));
  const over = new AbortController();
  const starts: Promise<void>[] = [];
  const ends = [0, 1].map(() => {
    const step = makeStep(dir.path, ['/usr/bin/perl', '-e', racer], {
      ...{ root: { type: 'directory', path: root }, mounts: [...programs, shared] },
    });
    let started = (): void => {};
    starts.push(
      new Promise((resolve) => {
        started = resolve;
      }),
    );
    return runtime
      .run(step.spec, { onOutput: () => started() }, over.signal)
      .catch(() => {})
      .then(() => started());
  });
  try {
    await Promise.all(starts);
    for (let number = 0; number < count; number++) {
      signal.throwIfAborted();
      const mounts: StepMount[] = [
        shared,
        { type: 'tmpfs', target: `/c/a/made-${number}`, size: undefined },
        { type: 'bind', source: cache, target: `/c/a/bound-${number}/deep`, readonly: false },
      ];
      const { spec } = makeStep(dir.path, ['/bin/true'], { mounts });
      await runtime.run(spec, { onOutput() {} }, signal).catch(() => {});
    }
    return readdirSync(victim).length;
  } finally {
    over.abort(new Error('the race is over'));
    await Promise.all(ends);
    runtime.release?.();
  }
}
