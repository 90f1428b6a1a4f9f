// What steps in the sandbox, and in runc, may ask the kernel for, tried out by a program.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOciRuntime } from '../../src/runtime/oci-runtime.ts';
import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import type { Runtime, StepMount } from '../../src/seams.ts';
import { requireFeature } from '../support/require-feature.ts';
import { makeStep, stepWorks } from '../support/step-bench.ts';

const test = suite('step filter');
const perl = existsSync('/usr/bin/perl') && process.arch === 'x64';
const runtimes = [createSandboxRuntime(), createOciRuntime({ command: 'runc' })];
const working = new Map<Runtime, boolean>();
for (const runtime of runtimes) working.set(runtime, await stepWorks(runtime));
const { EPERM, ENOSYS } = constants.errno;
let folder = '';

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'filter-'));
});
test.after(() => rmSync(folder, { recursive: true }));

/** Errors of calls in a step that has the machine's programs; 0 where a call did not fail. */
async function errorsOf(
  runtime: Runtime,
  calls: readonly (readonly number[])[],
  insecure = false,
): Promise<number[]> {
  const mounts = ['/bin', '/lib', '/lib64', '/usr']
    .filter((path) => existsSync(path))
    .map((target): StepMount => ({ type: 'bind', source: realpathSync(target), target, readonly: true }));
  const path = join(folder, `root-${insecure}`);
  mkdirSync(path, { recursive: true });
  const lines = calls.map(
    (call) =>
      `$! = 0; my $r = syscall(${call.join(', ')}); exit 0 if $r == 0 && ${call[0] === 56 ? 1 : 0}; print $r < 0 ? $! + 0 : 0, "\\n";`,
  );
  const script = `$| = 1; ${lines.map((line) => `{ ${line} }`).join(' ')}`;
  const { spec } = makeStep(folder, ['/usr/bin/perl', '-e', script], {
    ...{ root: { type: 'directory', path }, mounts, security: insecure ? 'insecure' : 'sandbox' },
  });
  let text = '';
  const onOutput = (_: string, chunk: Buffer): void => {
    text += chunk;
  };
  await runtime.run(spec, { onOutput }, new AbortController().signal);
  return text.trim().split('\n').map(Number);
}

for (const runtime of runtimes) {
  const check = (title: string, body: () => Promise<void>): void =>
    void test(`${runtime.name}: ${title}`, async () => {
      if (requireFeature('perl', perl) && requireFeature(runtime.name, working.get(runtime) === true))
        await body();
    });

  check('a step can not reach for what its capabilities do not guard', async () => {
    const newUser = 0x10000000;
    const refused = [
      [272, newUser], // unshare
      [56, newUser | 17, 0, 0, 0, 0], // clone
      [250, 0, -3, 0], // keyctl
      [248, 0, 0, 0, 0, 0], // add_key
      [321, 0, 0, 0], // bpf
      [298, 0, 0, -1, -1, 0], // perf_event_open
      [323, 0], // userfaultfd
      [425, 1, 0], // io_uring_setup
      [165, 0, 0, 0, 0, 0], // mount
      [166, 0, 0], // umount2
      [155, 0, 0], // pivot_root
      [430, 0, 0], // fsopen
      [135, 0x40000], // personality
      [41, 38, 5, 0], // socket of AF_ALG
      [41, 40, 1, 0], // socket of AF_VSOCK
      [103, 3, 0, 0], // syslog
      [312, 1, 1, 0, 0, 0], // kcmp
    ];
    assert.equal(
      await errorsOf(runtime, refused),
      refused.map(() => EPERM),
    );
    assert.equal(await errorsOf(runtime, [[435, 0, 0], [9999]]), [ENOSYS, ENOSYS]);
    // The library of runc does not know the names of calls that are newer.
    if (runtime.name === 'sandbox') assert.equal(await errorsOf(runtime, [[467, 0]]), [ENOSYS]);
  });

  check('what programs do every day works', async () => {
    const usual = [
      [39], // getpid
      // runc stops with a command that has it trace it.
      ...(runtime.name === 'sandbox' ? [[101, 0, 0, 0, 0]] : []), // ptrace(TRACEME)
      [41, 1, 1, 0], // socket of AF_UNIX
      [41, 2, 1, 0],
      [135, 0xffffffff], // personality, asked for
      [56, 17, 0, 0, 0, 0], // clone
      [318, 0, 0, 0], // getrandom
      [319, 0, 0], // memfd_create of no name: EFAULT at worst
    ];
    const errors = await errorsOf(runtime, usual);
    assert.is(errors.length, usual.length);
    assert.not.ok(errors.includes(EPERM) || errors.includes(ENOSYS), `${errors}`);
  });

  if (runtime.name === 'sandbox')
    check('a command that has itself traced by its parent runs to its end', async () => {
      // Each child that ends is a signal, which stops a process that is traced.
      const clone = [56, 17, 0, 0, 0, 0];
      const calls = [[101, 0, 0, 0, 0], clone, [35, 0, 0], clone, [61, -1, 0, 0, 0], [39]];
      assert.is((await errorsOf(runtime, calls)).length, calls.length);
    });

  check('an insecure step has no filter', async () => {
    const errors = await errorsOf(
      runtime,
      [
        [272, 0],
        [56, 17, 0, 0, 0, 0],
        [435, 0, 0],
      ],
      true,
    );
    assert.equal(errors, [0, 0, constants.errno.EINVAL]);
  });
}

test.run();
