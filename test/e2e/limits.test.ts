// Limits of steps, from the command line to the kernel.
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeGroup } from '../../src/runtime/dead-groups.ts';
import { createStepCgroup } from '../../src/runtime/step-cgroup.ts';
import { cachedSteps, startSlipway } from '../support/cli.ts';
import { requireFeature } from '../support/require-feature.ts';
import { processesOf, until } from '../support/step-bench.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';

const test = suite('e2e limits');

function canLimit(): boolean {
  try {
    void createStepCgroup({ resources: { memory: 1 << 23, cpuQuota: 5000 }, parent: undefined }).remove();
    return requireWorkbench();
  } catch {
    return requireFeature('writable cgroups', false);
  }
}

for (const isolation of ['oci', 'sandbox']) {
  test(`${isolation}: a step over its memory fails with the limit named, and runs with more`, async () => {
    if (!canLimit()) return;
    await using bench = await workbench({
      Dockerfile: 'FROM base\nRUN dd if=/dev/zero of=/dev/null bs=80M count=1 && echo fits > /fits\n',
    });
    const flags = [`--isolation=${isolation}`, '--resource=memory=40m'];
    const { code, stderr } = await bench.fail(flags);
    assert.is(code, 1);
    assert.match(stderr, /exit code: 137: killed at the memory limit/);
    assert.match(stderr, /Dockerfile:2/);
    assert.match(stderr, /hint: 40 MiB were not enough: .*--resource memory=SIZE/);
    await bench.build([...flags, '--resource=memory=160m,cpu-shares=512']);
    // Limits are no part of what a step is: with others, and with none, it is the same step.
    assert.is(cachedSteps(await bench.build([...flags])), 1);
    assert.is(cachedSteps(await bench.build([])), 1);
  });
}

test('run and bake hold to limits, too', async () => {
  if (!canLimit()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nCMD dd if=/dev/zero of=/dev/null bs=80M count=1\n',
    'docker-bake.hcl':
      'target "default" {\n  dockerfile-inline = "FROM base\\nRUN dd if=/dev/zero of=/dev/null bs=80M count=1\\n"\n' +
      `  contexts = { base = "REF" }\n  resources = { memory = "40m" }\n}\n`,
  });
  await bench.build(['-t', 'eater:1']);
  const ran = await bench.slipway(['run', '--memory', '40m', '--cpus=0.8', 'eater:1']);
  assert.is(ran.code, 137);
  assert.match(ran.stderr, /killed at the memory limit/);
  assert.is((await bench.slipway(['run', '-m160m', '--pids-limit=50', 'eater:1'])).code, 0);
  const reference = bench.base.flag.replace(/^--build-context=[^=]*=/, '');
  const args = ['bake', '--progress=plain', '--set', `default.contexts.base=${reference}`];
  const baked = await bench.slipway(args, { cwd: bench.context });
  assert.is(baked.code, 1, baked.stderr);
  assert.match(baked.stderr, /killed at the memory limit/);
});

test('a limit that can not be held is an error with its remedy', async () => {
  if (!canLimit()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN true\n' });
  const { stderr } = await bench.fail(['--resource=cpuset-cpus=4000-4001']);
  assert.match(stderr, /the step can't have limits: .*cpuset\.cpus[\s\S]*hint: Give a value/);
});

/** Folders of groups of that name, in whatever hierarchies there are. */
function groupsNamed(name: string): string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const places = mounts.map((line) => line.split(' ')).filter(([, , type]) => /^cgroup2?$/.test(type ?? ''));
  return [...new Set(places.map(([, at]) => join(at!, name)))].filter((path) => existsSync(path));
}

const groupsIn = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : [])),
  );

test('what a killed build leaves below --cgroup-parent is told by doctor, and cleared by any next build', async () => {
  if (!canLimit()) return;
  const parent = `slipway-test-${process.pid}`;
  const mark = `${process.pid}${Date.now()}`;
  await using bench = await workbench({ Dockerfile: `FROM base\nRUN sleep ${mark}\n` });
  const child = startSlipway(
    ['build', bench.base.flag, `--cgroup-parent=/${parent}`, '--resource=memory=64m', bench.context],
    { root: bench.root },
  );
  try {
    await until(() => processesOf(`sleep\0${mark}`).length > 0 || child.exitCode !== null);
    assert.is(child.exitCode, null);
    child.kill('SIGKILL');
    await once(child, 'close');
    await until(() => processesOf(`sleep\0${mark}`).length === 0);
    assert.is.not(groupsIn(groupsNamed(parent)).length, 0);
    const told = await bench.slipway(['doctor', '--store']);
    assert.match(told.stdout, `${parent}/slipway-`);
    await bench.write({ Dockerfile: 'FROM base\nRUN true\n' });
    await bench.build();
    assert.equal(groupsIn(groupsNamed(parent)), []);
    assert.equal(readdirSync(join(bench.root, 'cgroup-parents-v1')), []);
  } finally {
    child.kill('SIGKILL');
    for (const group of groupsNamed(parent)) removeGroup(group);
  }
});

test.run();
