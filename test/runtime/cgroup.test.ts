import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { parseHierarchies } from '../../src/runtime/cgroup-hierarchies.ts';
import { closedHint } from '../../src/runtime/cgroup-hint.ts';
import { cgroupSettings } from '../../src/runtime/cgroup-settings.ts';
import { createStepCgroup } from '../../src/runtime/step-cgroup.ts';
import { createCgroupKernel } from '../support/cgroup-kernel.ts';

const test = suite('cgroups');
const mebibyte = 1 << 20;

const problem = (run: () => unknown): { message: string; hint: string } => {
  try {
    run();
  } catch (error) {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME', `${error}`);
    return { message: error.message, hint: error.hint ?? '' };
  }
  return assert.unreachable() as never;
};

test('hierarchies of version 1 are found by their controllers, the builder’s place within the mount', () => {
  const mountinfo = [
    '30 29 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
    '31 30 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
    '32 30 0:28 / /sys/fs/cgroup/with\\040blank rw shared:9 - cgroup cgroup rw,memory',
    '33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
    '34 30 0:30 /other /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
    '35 30 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  ].join('\n');
  const groups =
    '5:pids:/docker/abc\n4:cpu,cpuacct:/docker/abc/x:y\n3:memory:/docker/abc\n1:name=systemd:/s\n0::/s\n';
  assert.equal(parseHierarchies(mountinfo, groups), [
    {
      ...{ version: 1, controllers: ['cpu', 'cpuacct'], own: '/x:y' },
      mount: '/sys/fs/cgroup/cpu,cpuacct',
    },
    { version: 1, controllers: ['memory'], mount: '/sys/fs/cgroup/with blank', own: '/docker/abc' },
    { version: 1, controllers: [], mount: '/sys/fs/cgroup/systemd', own: '/s' },
    { version: 1, controllers: ['pids'], mount: '/sys/fs/cgroup/pids', own: undefined },
    { version: 2, controllers: [], mount: '/sys/fs/cgroup/unified', own: '/s' },
  ]);
});

test('limits are files of either version', () => {
  const all = {
    ...{ memory: 64, memorySwap: 96, cpuShares: 1024, cpuPeriod: 50_000, cpuQuota: 25_000 },
    ...{ cpusetCpus: '0-1', cpusetMems: '0', pids: 7 },
  };
  const texts = (version: 1 | 2, resources = all): string[] =>
    cgroupSettings(resources, version).map(({ file, value }) => `${file}=${value}`);
  assert.equal(texts(1), [
    ...['memory.limit_in_bytes=64', 'memory.memsw.limit_in_bytes=96', 'cpu.shares=1024'],
    ...['cpu.cfs_period_us=50000', 'cpu.cfs_quota_us=25000'],
    ...['cpuset.cpus=0-1', 'cpuset.mems=0', 'pids.max=7'],
  ]);
  assert.equal(texts(2), [
    ...['memory.max=64', 'memory.swap.max=32', 'cpu.weight=39', 'cpu.max=25000 50000'],
    ...['cpuset.cpus=0-1', 'cpuset.mems=0', 'pids.max=7'],
  ]);
  const some = (resources: object): string[] => texts(2, resources as typeof all);
  assert.equal(some({ memory: 1, memorySwap: -1 }), ['memory.max=1', 'memory.swap.max=max']);
  assert.equal(some({ cpuPeriod: 2000 }), ['cpu.max=max 2000']);
  assert.equal(some({ cpuShares: 2 }), ['cpu.weight=1']);
  assert.equal(some({ cpuShares: 262144 }), ['cpu.weight=10000']);
  assert.equal(some({}), []);
});

test('version 2: a step is put beside the builder, as a group with processes has no children with limits', async () => {
  const kernel = createCgroupKernel('/user/session', ['memory', 'cpu', 'pids']);
  const group = createStepCgroup(
    { resources: { memory: 64 * mebibyte, cpuQuota: 50_000 }, parent: undefined },
    kernel.system,
  );
  const [folder = ''] = kernel.groups('/user').filter((path) => path.includes('slipway-'));
  assert.match(folder, /^\/user\/slipway-\d+-/);
  assert.equal(group.entrances, [`/cg${folder}/cgroup.procs`]);
  assert.is(kernel.value(`${folder}/memory.max`), `${64 * mebibyte}`);
  assert.is(kernel.value(`${folder}/cpu.max`), '50000 100000');
  assert.is(kernel.value('/user/cgroup.subtree_control'), 'memory cpu');
  assert.is(group.memoryLimitHit(), false);
  kernel.set(`${folder}/memory.events`, 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n');
  assert.is(group.memoryLimitHit(), true);
  await group.remove();
  assert.equal(kernel.groups('/user'), ['/user/session']);
});

test('version 2: a step is put beside the builder also where the kernel would give that a child', () => {
  for (const resources of [{ pids: 60 }, { cpuQuota: 50_000 }, { cpusetCpus: '0' }]) {
    const kernel = createCgroupKernel('/user/session', ['cpu', 'cpuset', 'pids']);
    kernel.system.files.write('/cg/user/cgroup.subtree_control', '+cpu +cpuset +pids');
    const { entrances } = createStepCgroup({ resources, parent: undefined }, kernel.system);
    assert.match(entrances.join(), '/cg/user/slipway-');
    assert.is(kernel.value('/user/session/cgroup.subtree_control'), '');
  }
});

test('version 2: beside a builder whose processes are counted, as those of each service of systemd, a step has as many at most', () => {
  const madeWith = (pids: number | undefined): string | undefined => {
    const kernel = createCgroupKernel('/system.slice/a.service', ['memory', 'pids']);
    kernel.system.files.write('/cg/system.slice/cgroup.subtree_control', '+memory +pids');
    kernel.set('/system.slice/a.service/pids.max', '4915');
    const resources = { memory: 4096, ...(pids !== undefined && { pids }) };
    createStepCgroup({ resources, parent: undefined }, kernel.system);
    const [folder = ''] = kernel.groups('/system.slice').filter((path) => path.includes('slipway-'));
    return kernel.value(`${folder}/pids.max`);
  };
  assert.is(madeWith(undefined), '4915');
  assert.is(madeWith(50), '50');
  assert.is(madeWith(5000), '4915');
});

test('version 2: limits of the builder’s own are not got around', () => {
  const kernel = createCgroupKernel('/user/session', ['memory']);
  kernel.system.files.write('/cg/user/cgroup.subtree_control', '+memory');
  kernel.set('/user/session/memory.max', '1000000');
  const said = problem(() =>
    createStepCgroup({ resources: { memory: 1 }, parent: undefined }, kernel.system),
  );
  assert.match(said.message, /\/cg\/user\/session has processes of its own, and limits/);
  assert.match(said.hint, '--cgroup-parent');
  assert.equal(kernel.groups('/user'), ['/user/session']);
});

test('version 2: where the root of what is seen has processes, as in a container, the remedy is told', () => {
  const kernel = createCgroupKernel('/', ['memory']);
  const said = problem(() =>
    createStepCgroup({ resources: { memory: 1 }, parent: undefined }, kernel.system),
  );
  assert.match(said.message, 'has processes of its own');
  assert.match(said.hint, 'mkdir /cg/init');
});

test('version 2: a named group is made with all that leads to it, and stays', async () => {
  const kernel = createCgroupKernel('/user/session', ['memory']);
  for (const [parent, path] of [
    ['/ci/steps', '/ci/steps'],
    ['a-b.slice', '/a.slice/a-b.slice'],
    ['../../out', '/out'],
  ] as const) {
    const group = createStepCgroup({ resources: { memory: 4096 }, parent }, kernel.system);
    assert.match(group.entrances[0] ?? '', `/cg${path}/slipway-`);
    await group.remove();
    assert.equal(kernel.groups(path), []);
  }
  const said = problem(() =>
    createStepCgroup({ resources: { memory: 1 }, parent: '/user/session' }, kernel.system),
  );
  assert.match(said.hint, 'without processes');
});

test('a controller that is missing is an error only where it is asked for', () => {
  const kernel = createCgroupKernel('/user/session', ['memory']);
  const said = problem(() => createStepCgroup({ resources: { pids: 4 }, parent: undefined }, kernel.system));
  assert.match(said.message, 'no cgroup controller for pids');
  assert.match(said.hint, 'Leave this limit out');
});

test('cgroups that can not be written to are an error that says what helps there', () => {
  const told = (own: string, isRoot: boolean): { message: string; hint: string } => {
    const kernel = createCgroupKernel(own, ['memory'], { readonly: true });
    const system = { ...kernel.system, isRoot };
    return problem(() => createStepCgroup({ resources: { memory: 1 }, parent: undefined }, system));
  };
  const root = told('/user/session', true);
  assert.match(root.message, 'EROFS');
  assert.match(root.hint, '--privileged');
  assert.match(root.hint, 'writable-cgroups=true');
  const user = told('/user.slice/user-1000.slice/session-3.scope', false);
  assert.match(user.hint, 'systemd-run --user --scope -p Delegate=yes slipway build');
  assert.not.match(user.hint, /as root/);
  const delegated = told('/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope', false);
  assert.match(delegated.hint, 'Delegate=cpu cpuset io memory pids');
  assert.match(closedHint({ version: 1, own: '/', isRoot: false }), 'systemd.unified_cgroup_hierarchy=1');
});

test('a file that the kernel lacks, and a value that it refuses, leave nothing behind', () => {
  const kernel = createCgroupKernel('/user/session', ['memory', 'cpuset']);
  const swap = problem(() =>
    createStepCgroup({ resources: { memory: 4096, memorySwap: -1 }, parent: undefined }, kernel.system),
  );
  assert.match(swap.hint, 'memory-swap');
  const cpus = problem(() =>
    createStepCgroup({ resources: { cpusetCpus: '900' }, parent: undefined }, kernel.system),
  );
  assert.match(cpus.message, 'ERANGE for cpuset.cpus = 900');
  assert.equal(kernel.groups('/user'), ['/user/session']);
});

test('groups of builders that are gone are removed, those of others are not', async () => {
  const kernel = createCgroupKernel('/user/session', ['memory']);
  const own = createStepCgroup({ resources: { memory: 4096 }, parent: undefined }, kernel.system);
  const [name = ''] = kernel.groups('/user').filter((path) => path.includes('slipway-'));
  const of = (pid: number, start: string): string => name.replace(/-\d+-\d+-/, `-${pid}-${start}-`);
  const [dead, reused] = [of(4_194_303, '7'), of(process.pid, '1')];
  const elsewhere = name.replace(/-\d+-(\d+)$/, '-123-$1').replace(/-\d+-/, '-4194303-');
  for (const path of [dead, reused, elsewhere]) kernel.system.files.make(`/cg${path}`);
  const next = createStepCgroup({ resources: { memory: 4096 }, parent: undefined }, kernel.system);
  const left = kernel.groups('/user');
  assert.not.ok(left.includes(dead));
  assert.not.ok(left.includes(reused));
  assert.ok(left.includes(elsewhere) && left.includes(name));
  await Promise.all([own.remove(), next.remove()]);
});

test.run();
