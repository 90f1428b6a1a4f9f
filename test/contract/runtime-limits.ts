// What a Runtime lets a step use: limits hold, and the step's cgroup goes with the step.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import type { Resources } from '../../src/oci/resources.ts';
import { createStepCgroup } from '../../src/runtime/step-cgroup.ts';
import { requireFeature } from '../support/require-feature.ts';
import { processesOf, type StepBench, until } from '../support/step-bench.ts';

const mebibyte = 1 << 20;

/** What is read of a cgroup; undefined where it is gone: those of other tests come and go meanwhile. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Cgroups of steps that `pid` has made. */
function groupsOf(pid: number, folder = '/sys/fs/cgroup'): string[] {
  const entries = ifThere(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const path = join(folder, entry.name);
    return entry.name.startsWith(`slipway-${pid}-`) ? [path] : groupsOf(pid, path);
  });
}

function holds(resources: Resources): boolean {
  try {
    void createStepCgroup({ resources, parent: undefined }).remove();
    return true;
  } catch {
    return false;
  }
}

/** What the kernel keeps, under the names of either version. */
function settingOf(groups: readonly string[], ...names: string[]): string | undefined {
  const file = groups
    .flatMap((group) => names.map((name) => join(group, name)))
    .find((path) => existsSync(path));
  return file && readFileSync(file, 'utf8').trim();
}

export function limitTests({ sh, out, it, folder, name }: StepBench): void {
  const limited = (title: string, resources: Resources, body: () => Promise<void>): void =>
    it(title, async () => {
      if (requireFeature('writable cgroups', holds(resources))) await body();
    });

  limited(
    'a step that needs more memory than it may use is killed, and that is told',
    { memory: 8 * mebibyte },
    async () => {
      const resources = { memory: 24 * mebibyte };
      const ran = await sh('tail /dev/zero', { resources });
      assert.equal([ran.exitCode, ran.memoryLimitHit], [137, true]);
      const child = await sh('tail /dev/zero; echo $?; exit 3', { resources, process: { uid: 77, gid: 77 } });
      assert.equal([child.exitCode, child.stdout, child.memoryLimitHit], [3, '137\n', true]);
      assert.equal(groupsOf(process.pid), []);
    },
  );

  limited(
    'a step within its limits ends as without, and a limit that is not reached is not told',
    { memory: 8 * mebibyte },
    async () => {
      const ran = await sh('echo out; echo err >&2; exit 9', {
        resources: { memory: 64 * mebibyte, pids: 64 },
      });
      assert.equal(
        [ran.exitCode, ran.stdout, ran.stderr, ran.memoryLimitHit],
        [9, 'out\n', 'err\n', undefined],
      );
    },
  );

  limited('CPU, memory and processes are limited as asked', { cpuQuota: 5000, pids: 9 }, async () => {
    const resources = {
      cpuQuota: 25_000,
      cpuPeriod: 50_000,
      memory: 32 * mebibyte,
      cpusetCpus: '0',
      pids: 33,
    };
    let groups: string[] = [];
    const seen: (string | undefined)[] = [];
    const onOutput = (): void => {
      groups = groupsOf(process.pid);
      seen.push(
        settingOf(groups, 'cpu.max') ??
          `${settingOf(groups, 'cpu.cfs_quota_us')} ${settingOf(groups, 'cpu.cfs_period_us')}`,
      );
      seen.push(settingOf(groups, 'memory.max', 'memory.limit_in_bytes'), settingOf(groups, 'pids.max'));
      seen.push(settingOf(groups, 'cpuset.cpus'));
    };
    // The step sees its group as the root of all.
    const text = await out('grep -cvE ":/$" /proc/self/cgroup; grep Cpus_allowed_list /proc/self/status', {
      resources,
      onOutput,
    });
    assert.equal(seen.slice(0, 4), ['25000 50000', `${32 * mebibyte}`, '33', '0']);
    assert.match(text, /Cpus_allowed_list:\s+0\n/);
    assert.equal(
      groups.filter((group) => existsSync(group)),
      [],
    );
  });

  limited(
    'processes that fork without end stop at the limit, and end with the step',
    { pids: 9 },
    async () => {
      const mark = `${process.pid}${Date.now()}`;
      const bomb = `b() { (sleep ${mark} & b; b) 2> /dev/null; }; b & sleep 1; echo on; exit 4`;
      const ran = await sh(bomb, { resources: { pids: 60 } });
      assert.equal([ran.exitCode, ran.stdout], [4, 'on\n'], ran.stderr);
      assert.equal(processesOf(`sleep\0${mark}`), []);
      assert.equal(groupsOf(process.pid), []);
    },
  );

  it('shared memory, files and descriptors end where they are limited', async () => {
    const shm = await sh('head -c 20000000 /dev/zero > /dev/shm/x || stat -c %s /dev/shm/x', {
      shmSize: 4 * mebibyte,
    });
    assert.is(shm.stdout, `${4 * mebibyte}\n`, shm.stderr);
    const ulimits = [
      { name: 'fsize', soft: mebibyte, hard: mebibyte },
      { name: 'nofile', soft: 16, hard: 16 },
    ];
    const script = `(head -c 3000000 /dev/zero > big) 2> /dev/null; stat -c %s big
      (ulimit -n 64) 2> /dev/null || echo hard
      for n in 3 4 5 6 7 8 9; do eval "exec $n< /dev/null"; done; ls /proc/self/fd > list && echo opened`;
    const ran = await sh(script, { ulimits });
    assert.is(ran.stdout, `${mebibyte}\nhard\nopened\n`, ran.stderr);
  });

  limited('more processes than allowed can not be started', { pids: 9 }, async () => {
    const script =
      'for i in 1 2 3 4 5 6; do for j in 1 2 3 4 5 6 7 8 9 10; do sleep 100 & done; done; echo all';
    // What starts the step is within the limit, too.
    const few = await sh(script, { resources: { pids: 50 } });
    assert.is.not(few.exitCode, 0);
    assert.match(few.stderr, 'fork');
    assert.is(await out(script, { resources: { pids: 200 } }), 'all\n');
  });

  limited('after an abort no cgroup is left', { memory: 8 * mebibyte }, async () => {
    const controller = new AbortController();
    const onOutput = (): void => controller.abort(new Error('enough'));
    const options = { resources: { memory: 64 * mebibyte }, signal: controller.signal, onOutput };
    await sh('trap "" TERM; (sleep 1000 &); echo ready; sleep 1000', options).then(
      () => assert.unreachable(),
      (error: Error) => assert.is(error.message, 'enough'),
    );
    assert.equal(groupsOf(process.pid), []);
  });

  limited(
    'what a killed builder leaves is empty, and goes with the next step that has limits',
    { memory: 8 * mebibyte },
    async () => {
      const mark = `${process.pid}${Date.now()}`;
      const script = fileURLToPath(new URL('../support/endless-step.ts', import.meta.url));
      const builder = spawn(
        process.execPath,
        ['--import', 'tsx', script, name, folder(), mark, '0', `${64 * mebibyte}`],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const gone = new Promise((resolve) => builder.on('close', resolve));
      await new Promise((resolve) => builder.stdout.once('data', resolve));
      await until(() => processesOf(`sleep\0${mark}`).length > 0);
      const groups = groupsOf(builder.pid!);
      assert.ok(groups.length > 0);
      builder.kill('SIGKILL');
      await gone;
      await until(() => processesOf(`sleep\0${mark}`).length === 0);
      const left = (): string[] => groupsOf(builder.pid!);
      const living = (): string =>
        left()
          .map((group) => ifThere(() => readFileSync(join(group, 'cgroup.procs'), 'utf8')) ?? '')
          .join('');
      await until(() => living() === '');
      while (left().length > 0) await sh('true', { resources: { memory: 64 * mebibyte } });
    },
  );

  limited('a step is put below the cgroup that is named', { memory: 8 * mebibyte }, async () => {
    const cgroupParent = `/slipway-test-${process.pid}`;
    let groups: string[] = [];
    const onOutput = (): void => {
      groups = groupsOf(process.pid);
    };
    const options = { cgroupParent, resources: { memory: 64 * mebibyte }, onOutput };
    assert.is(await out('echo ready', options), 'ready\n');
    try {
      assert.ok(
        groups.length > 0 && groups.every((path) => path.includes(`${cgroupParent}/slipway-`)),
        `${groups}`,
      );
      assert.equal(
        groups.filter((path) => existsSync(path)),
        [],
      );
    } finally {
      for (const path of new Set(groups.map((group) => join(group, '..')))) rmdirSync(path);
    }
  });

  limited(
    'a value that the machine can not hold to is an error, and nothing is left',
    { cpusetCpus: '0' },
    async () => {
      await sh('true', { resources: { memory: 64 * mebibyte, cpusetCpus: '4000-4001' } }).then(
        () => assert.unreachable(),
        (error: unknown) =>
          assert.ok(
            isSlipwayError(error) && error.code === 'ERR_RUNTIME' && /cpuset\.cpus/.test(error.message),
          ),
      );
      assert.equal(groupsOf(process.pid), []);
    },
  );
}
