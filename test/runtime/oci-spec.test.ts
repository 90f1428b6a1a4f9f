import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allCapabilities, maskedPaths } from '../../src/runtime/confinement.ts';
import { createOciSpec } from '../../src/runtime/oci-spec.ts';
import type { StepSpec } from '../../src/seams.ts';

const test = suite('oci-spec');
const step: StepSpec = {
  root: { type: 'directory', path: '/r' },
  process: { argv: ['true'], env: ['A=1'], cwd: '/w', uid: 1, gid: 2, groups: [3] },
  mounts: [],
  ...{ hostname: 'h', network: 'default', security: 'sandbox', shmSize: undefined, scratch: '/s' },
  ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
};
const places = { rootfs: '/s/rootfs', dev: '/s/dev', tree: (index: number) => `/s/t${index}` };
const options = {
  ...{ flags: ['nodev'], cgroup: true, held: allCapabilities, architecture: 'x64' },
  masked: maskedPaths,
};

/** A set of capabilities as the kernel shows it. */
const mask = (names: string[]): string =>
  names
    .reduce((bits, name) => bits | (1n << BigInt(allCapabilities.indexOf(name.slice(4)))), 0n)
    .toString(16);

test('the default capabilities are those of a container', () => {
  const { capabilities } = createOciSpec(step, places, options).process;
  for (const set of ['bounding', 'effective', 'permitted'] as const) {
    assert.is(mask(capabilities[set]), 'a80425fb');
  }
  assert.equal([capabilities.inheritable, capabilities.ambient], [[], []]);
});

test('process, host name and limits are the step’s', () => {
  const { process, hostname } = createOciSpec(step, places, options);
  assert.equal(process.user, { uid: 1, gid: 2, umask: 0o022, additionalGids: [3] });
  assert.equal([process.args, process.env, process.cwd, hostname], [['true'], ['A=1'], '/w', 'h']);
  assert.equal(process.rlimits, [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 2 }]);
  assert.not.ok(process.terminal || process.noNewPrivileges);
});

test('only network none has a network namespace', () => {
  const types = (network: StepSpec['network']): string[] =>
    createOciSpec({ ...step, network }, places, options).linux.namespaces.map(({ type }) => type);
  assert.ok(types('none').includes('network'));
  for (const network of ['default', 'host'] as const) assert.not.ok(types(network).includes('network'));
});

test('the step’s mounts come last, in their order', () => {
  const spec = createOciSpec(
    {
      ...step,
      mounts: [
        { type: 'tree', root: step.root, path: '/p', target: '/a', readonly: true },
        { type: 'bind', source: '/h', target: '/b', readonly: false },
        { type: 'tmpfs', target: '/c', size: 4096 },
      ],
    },
    places,
    options,
  );
  assert.equal(spec.mounts.slice(-3), [
    { destination: '/a', type: 'bind', source: '/s/t0/p', options: ['bind', 'rprivate', 'ro', 'nodev'] },
    { destination: '/b', type: 'bind', source: '/h', options: ['bind', 'rprivate', 'rw', 'nodev'] },
    { destination: '/c', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=4096', 'nodev'] },
  ]);
});

test('an insecure step has what the builder has and nothing masked', () => {
  const held = ['CHOWN', 'SYS_ADMIN'];
  const spec = createOciSpec({ ...step, security: 'insecure' }, places, { ...options, held });
  assert.equal(spec.process.capabilities.bounding, ['CAP_CHOWN', 'CAP_SYS_ADMIN']);
  assert.equal([spec.linux.maskedPaths, spec.linux.readonlyPaths], [[], []]);
  assert.ok(spec.mounts.find(({ destination }) => destination === '/sys')?.options.includes('rw'));
});

test.run();
