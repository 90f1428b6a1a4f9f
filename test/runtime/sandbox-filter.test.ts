// What steps in the sandbox may ask the kernel for, tried out by a program.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSandboxRuntime } from '../../src/runtime/sandbox.ts';
import type { StepMount } from '../../src/seams.ts';
import { requireFeature } from '../support/require-feature.ts';
import { makeStep, stepWorks } from '../support/step-bench.ts';

const test = suite('sandbox filter');
const perl = existsSync('/usr/bin/perl') && process.arch === 'x64';
const works = await stepWorks(createSandboxRuntime());
const { EPERM, ENOSYS } = constants.errno;
let folder = '';

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'filter-'));
});
test.after(() => rmSync(folder, { recursive: true }));

/** Errors of calls in a step that has the machine's programs; 0 where a call did not fail. */
async function errorsOf(calls: readonly (readonly number[])[], insecure = false): Promise<number[]> {
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
  await createSandboxRuntime().run(spec, { onOutput }, new AbortController().signal);
  return text.trim().split('\n').map(Number);
}

test('a step can not reach for what its capabilities do not guard', async () => {
  if (!requireFeature('perl', perl) || !requireFeature('sandbox', works)) return;
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
    await errorsOf(refused),
    refused.map(() => EPERM),
  );
  assert.equal(await errorsOf([[435, 0, 0], [467, 0], [9999]]), [ENOSYS, ENOSYS, ENOSYS]);
});

test('what programs do every day works', async () => {
  if (!requireFeature('perl', perl) || !requireFeature('sandbox', works)) return;
  const usual = [
    [39], // getpid
    [101, 0, 0, 0, 0], // ptrace(TRACEME)
    [41, 1, 1, 0], // socket of AF_UNIX
    [41, 2, 1, 0],
    [135, 0xffffffff], // personality, asked for
    [56, 17, 0, 0, 0, 0], // clone
    [318, 0, 0, 0], // getrandom
    [319, 0, 0], // memfd_create of no name: EFAULT at worst
  ];
  const errors = await errorsOf(usual);
  assert.is(errors.length, usual.length);
  assert.not.ok(errors.includes(EPERM) || errors.includes(ENOSYS), `${errors}`);
});

test('a command that has itself traced by its parent runs to its end', async () => {
  if (!requireFeature('perl', perl) || !requireFeature('sandbox', works)) return;
  // Each child that ends is a signal, which stops a process that is traced.
  const clone = [56, 17, 0, 0, 0, 0];
  const calls = [[101, 0, 0, 0, 0], clone, [35, 0, 0], clone, [61, -1, 0, 0, 0], [39]];
  assert.is((await errorsOf(calls)).length, calls.length);
});

test('an insecure step has no filter', async () => {
  if (!requireFeature('perl', perl) || !requireFeature('sandbox', works)) return;
  const errors = await errorsOf(
    [
      [272, 0],
      [56, 17, 0, 0, 0, 0],
      [435, 0, 0],
    ],
    true,
  );
  assert.equal(errors, [0, 0, constants.errno.EINVAL]);
});

test.run();
