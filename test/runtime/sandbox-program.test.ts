import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { machineOf } from '../../src/runtime/launcher/machines.ts';
import { createSandboxProgram, likeness, sandboxValues } from '../../src/runtime/sandbox-program.ts';
import type { RootFilesystem, StepMount, StepSpec } from '../../src/seams.ts';

const test = suite('sandbox-program');

const overlay = (lowers: string[], upper: string): RootFilesystem => ({
  ...{ type: 'overlay', base: '/state/l', lowers, upper: `/state/l/${upper}`, work: `/state/w/${upper}` },
  options: ['metacopy=off', 'volatile'],
});
const bind = (source: string, target: string, readonly: boolean): StepMount => ({
  ...{ type: 'bind', source, target, readonly },
});

/** Few values of each, so that many pairs are alike. */
const steps: fc.Arbitrary<StepSpec> = fc
  .record({
    root: fc.constantFrom<RootFilesystem>(
      overlay(['3', '2', '1'], '4'),
      overlay(['4', '3', '2', '1'], '5'),
      overlay([], '5'),
      { type: 'directory', path: '/state/copy/1' },
      { type: 'directory', path: '/state/copy/2' },
    ),
    argv: fc.constantFrom<string[]>(
      ['/bin/sh', '-c', 'echo one'],
      ['/bin/sh', '-c', 'a longer one'],
      ['true'],
    ),
    env: fc.constantFrom<string[]>(
      ['PATH=/bin'],
      ['PATH=/bin:/usr/bin', 'A=1'],
      ['PATH=/bin', 'B=2', 'C=\u00e4'],
    ),
    mounts: fc.constantFrom<StepMount[]>(
      [],
      [bind('/etc', '/etc', true)],
      [bind('/etc/passwd', '/etc', true)],
    ),
    identity: fc.constantFrom({ cwd: '/', uid: 0 }, { cwd: '/app', uid: 7 }),
    network: fc.constantFrom('default' as const, 'none' as const),
  })
  .map(({ argv, env, identity: { cwd, uid }, ...rest }) => ({
    ...{ ...rest, process: { argv, env, cwd, uid, gid: uid, groups: [uid] } },
    ...{ hostname: 'step', security: 'sandbox', shmSize: undefined, ulimits: [], scratch: '/scratch' },
  }));

const machine = machineOf('x64')!;
const options = {
  ...{ machine, builder: 1, hasInput: false, tellStart: false, held: ['CHOWN'], filter: Buffer.alloc(16) },
  ...{ entrances: [], places: { rootfs: '/scratch/rootfs', nodes: '/scratch/nodes', tree: () => '' } },
};
const made = (step: StepSpec) => createSandboxProgram(step, options).program;

test('steps that are alike have the same program, but for its values', () => {
  let alike = 0;
  fc.assert(
    fc.property(steps, steps, (one, other) => {
      if (likeness(one, options) !== likeness(other, options)) return;
      alike++;
      const program = made(one);
      program.finish(sandboxValues(one));
      assert.ok(program.finish(sandboxValues(other)).equals(made(other).finish(sandboxValues(other))));
    }),
    { numRuns: 3000, seed: 7 },
  );
  assert.ok(alike > 20, `${alike}`);
});

test('a program holds its values, and none of those that it had before', () => {
  const [step] = fc.sample(steps, { numRuns: 1, seed: 1 });
  const program = made(step!);
  const first = program.finish({ argv: ['secret-of-the-first'], env: ['A=1'], root: 'lowerdir=1' });
  const second = program.finish({ argv: ['x'], env: [], root: 'lowerdir=2' });
  assert.ok(first.includes('secret-of-the-first\0'));
  assert.not.ok(second.includes('secret-of-the-first'));
  assert.is(second.readBigInt64LE(0), BigInt(second.length - 8));
});

test('what looks at more of the machine is like nothing', () => {
  const [step] = fc.sample(steps, { numRuns: 1, seed: 1 });
  const tree: StepMount = {
    ...{ type: 'tree', root: { type: 'directory', path: '/x' }, path: '/', target: '/t', readonly: true },
  };
  assert.is(likeness({ ...step!, security: 'insecure' }, options), undefined);
  assert.is(likeness({ ...step!, mounts: [tree] }, options), undefined);
});

test.run();
