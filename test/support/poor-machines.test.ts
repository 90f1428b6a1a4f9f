// That the machines for tests are as poor as they say, and that nothing of them stays.
import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type PoorMachine, type PoorMachineName, poorMachines } from './poor-machines.ts';

const test = suite('support/poor-machines');

interface Seen {
  /** The rights of a process there, as /proc/PID/status writes them. */
  effective: string;
  bounding: string;
  /** Of what starts there with these words, whether it ends well. */
  can: Record<string, boolean>;
}

const trials = {
  mount: 'unshare --mount true',
  'user namespace': 'unshare --user true',
  // Where it can make no namespace, unshare(1) leaves a process behind that waits for one.
  'id ranges': 'unshare --user true && unshare --user --map-auto --map-root-user true',
  'new proc': 'unshare --user --map-root-user --mount --pid --fork mount -t proc proc /proc',
  chroot: 'chroot / true',
};

async function look(machine: PoorMachine): Promise<Seen> {
  const lines = Object.entries(trials).map(
    ([name, words]) => `{ ${words}; } 2>/dev/null && echo '${name}: can'`,
  );
  const told = await machine.must(['sh', '-c', `cat /proc/self/status; ${lines.join('; ')}; true`]);
  const field = (name: string): string => new RegExp(`^${name}:\\s*0*(\\w+)`, 'm').exec(told)?.[1] ?? '';
  const can = Object.fromEntries(
    Object.keys(trials).map((name) => [name, told.includes(`\n${name}: can\n`)]),
  );
  return { effective: field('CapEff'), bounding: field('CapBnd'), can };
}

function check(
  name: PoorMachineName,
  expect: (seen: Seen, machine: PoorMachine) => void | Promise<void>,
): void {
  test(name, async () => {
    let folder: string;
    {
      await using machine = await poorMachines[name]();
      if (machine === undefined) return;
      folder = machine.shared;
      const { code, stdout, stderr } = await machine.slipway(['version']);
      assert.equal([code, stderr], [0, '']);
      assert.match(stdout, /^slipway \d/);
      const script = 'id -u >"$1"; cat; exit 7';
      const ran = await machine.run(['sh', '-c', script, 'sh', machine.file('said')], { input: 'through' });
      assert.equal([ran.code, ran.stdout], [7, 'through']);
      assert.is(readFileSync(machine.file('said'), 'utf8'), `${machine.uid}\n`);
      await expect(await look(machine), machine);
    }
    assert.not(existsSync(folder));
  });
}

const dockerCapabilities = 'a80425fb';
const nothing = { mount: false, 'user namespace': false, 'id ranges': false, 'new proc': false };

check('user', ({ effective, can }) => {
  assert.is(effective, '0');
  assert.equal(can, {
    mount: false,
    'user namespace': true,
    'id ranges': true,
    'new proc': true,
    chroot: false,
  });
});

check('user without subids', ({ effective, can }) => {
  assert.is(effective, '0');
  assert.equal(can, {
    mount: false,
    'user namespace': true,
    'id ranges': false,
    'new proc': true,
    chroot: false,
  });
});

check('user without new privileges', ({ can }) => {
  assert.equal(can, {
    mount: false,
    'user namespace': true,
    'id ranges': false,
    'new proc': true,
    chroot: false,
  });
});

check('user without namespaces', async ({ effective, can }, machine) => {
  assert.is(effective, '0');
  assert.equal(can, { ...nothing, chroot: false });
  assert.is((await machine.must(['cat', '/proc/sys/user/max_user_namespaces'])).trim(), '0');
  assert.not.match(readFileSync('/proc/sys/user/max_user_namespaces', 'utf8'), /^0$/m);
});

check('root without SYS_ADMIN', ({ can }) => {
  assert.equal([can['mount'], can['user namespace'], can['chroot']], [false, true, true]);
});

check('root without SYS_ADMIN and namespaces', ({ can }) => {
  assert.equal(can, { ...nothing, chroot: true });
});

check('container', async ({ effective, bounding, can }, machine) => {
  assert.equal([effective, bounding], [dockerCapabilities, dockerCapabilities]);
  assert.equal(can, { ...nothing, chroot: true });
  assert.is.not((await machine.run(['sh', '-c', 'echo 1 >/proc/sys/vm/drop_caches'])).code, 0);
  const mounts = await machine.must(['cat', '/proc/self/mountinfo']);
  assert.match(mounts, / \/proc\/sys ro,/);
  assert.match(mounts, / \/proc\/timer_list | \/proc\/keys | \/proc\/acpi /);
  const start = (await machine.must(['readlink', '/proc/1/exe'])).trim();
  assert.match(start, /readlink$/);
  // What is written to the container's own root stays from command to command.
  await machine.must(['touch', '/root/kept', '/tmp/kept']);
  await machine.must(['test', '-e', '/root/kept']);
  assert.is.not((await machine.run(['touch', '/usr/bin/x'])).code, 0);
});

check('container on overlay', async (_, machine) => {
  await machine.must(['touch', `${machine.root}/x`]);
  assert.is((await machine.must(['stat', '-f', '-c', '%T', machine.root])).trim(), 'overlayfs');
});

check('container for a user', ({ effective, bounding, can }) => {
  assert.equal([effective, bounding], ['0', dockerCapabilities]);
  assert.equal(can, { ...nothing, chroot: false });
});

check('container without seccomp', ({ effective, can }) => {
  assert.is(effective, dockerCapabilities);
  // A new /proc would show what the masks of this one hide.
  assert.equal([can['mount'], can['user namespace'], can['new proc']], [false, true, false]);
});

check('container without seccomp for a user', ({ can }) => {
  assert.equal([can['mount'], can['user namespace'], can['new proc']], [false, true, false]);
});

check('restricted pod', async ({ effective, bounding, can }, machine) => {
  assert.equal([effective, bounding], ['0', '0']);
  assert.equal(can, { ...nothing, chroot: false });
  assert.match(await machine.must(['cat', '/proc/self/status']), /^NoNewPrivs:\s*1$/m);
});

check('privileged container', ({ can }) => {
  assert.equal([can['mount'], can['user namespace'], can['chroot']], [true, true, true]);
});

check('machine without seccomp', async ({ can }, machine) => {
  assert.ok(can['mount']);
  // PR_SET_SECCOMP with a filter that lies nowhere: EFAULT where there are filters.
  const script = `
    const koffi = require('koffi');
    const prctl = koffi.load(null).func('int prctl(int, unsigned long, void *)');
    console.log(prctl(22, 2, null), koffi.errno());`;
  const cwd = machine.main.replace(/\/dist\/.*/, '');
  const told = await machine.must([process.execPath, '-e', script], { cwd });
  assert.is(told.trim(), '-1 22');
});

test('no user stays', () => {
  assert.not.match(readFileSync('/etc/passwd', 'utf8'), new RegExp(`^slipway-t-${process.pid}-`, 'm'));
  assert.not.match(readFileSync('/etc/subuid', 'utf8'), new RegExp(`^slipway-t-${process.pid}-`, 'm'));
});

test.run();
