// Every rung of the isolation ladder for real: doctor finds it, the quickstart builds on it with the layers of the sandbox, and a level
// above it is refused.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Rung, rungs } from '../../src/runtime/ladder.ts';
import { tellRun } from '../rungs/every-rung.ts';
import { busyboxBase, haveBusybox } from '../support/busybox-base.ts';
import { slipway } from '../support/cli.ts';
import { type LadderCase, type LadderRun, ladderCases, runOnLadder } from '../support/ladder-bench.ts';
import { type PoorMachineName, poorMachines } from '../support/poor-machines.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram } from '../support/run-command.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('e2e/ladder');
const canBuild = (): boolean =>
  requireFeature('root', process.getuid?.() === 0) && requireFeature('busybox-static', haveBusybox);

/** Doublets, which `npm run quickstart -- --every-rung` has all the same, and what other tests build in. */
const elsewhere: readonly (PoorMachineName | undefined)[] = [
  'privileged container',
  'user without new privileges',
  'container without seccomp and masks for a user',
  'user without namespaces',
];
const cases = ladderCases.filter(({ machine }) => !machine || !elsewhere.includes(machine));

/** What a build says of steps; nothing where it is left out. */
const warnings: Partial<Record<Rung, RegExp>> = {
  'rootless-single': /run as one user/,
  chroot: /kept in their folder by a missing capability alone/,
};
/** What doctor says would give the rung above. */
const remedies: Partial<Record<PoorMachineName, RegExp>> = {
  user: /sudo slipway|--user 0/,
  'user without subids': /usermod --add-subuids|tee -a \/etc\/subuid/,
  container: /seccomp=unconfined/,
  'container without seccomp': /systempaths=unconfined/,
  'container without seccomp and masks': /--cap-add SYS_ADMIN/,
  'root without SYS_ADMIN': /CAP_SYS_ADMIN|--cap-add SYS_ADMIN/,
};

/** They are made by two at a time, and waited for one after the other. */
const runs = new Map<LadderCase, Promise<LadderRun | undefined>>();

function start(): void {
  const free = [Promise.resolve(), Promise.resolve()];
  for (const [index, one] of cases.entries()) {
    if (one.isolation === 'oci' && findProgram('runc') === undefined) continue;
    const run = free[index % 2]!.then(() => runOnLadder(one));
    runs.set(one, run);
    // What is wrong is told by the test that waits for it.
    free[index % 2] = run.then(
      () => {},
      () => {},
    );
  }
}

test.before(() => {
  if (process.getuid?.() === 0 && haveBusybox) start();
});

for (const one of cases) {
  const { surroundings, machine, level } = one;
  test(`${surroundings}: ${level ?? 'no step runs, and what would let one is told'}`, async () => {
    if (!canBuild()) return;
    if (one.isolation === 'oci' && !requireFeature('runc', runs.has(one))) return;
    const [run, first] = await Promise.all([runs.get(one), runs.get(cases[0]!)]);
    if (run === undefined) return;
    const { built, doctor, layers } = run;
    assert.ok(first!.layers.length > 6);
    assert.is(tellRun(one, run, first!.layers).problem, undefined, built.stderr);
    if (level === undefined) {
      assert.equal([doctor?.code, doctor?.healthy], [1, false]);
      assert.match(built.stderr, /hint: .*(--user 0|sudo slipway).*seccomp=unconfined/s);
      return;
    }
    assert.equal(layers, first!.layers);
    const isForced = one.isolation !== undefined;
    const runtimes = { oci: /crun|runc/, chroot: /chroot/ } as Partial<Record<Rung, RegExp>>;
    assert.match(run.runtime ?? '', runtimes[level] ?? /sandbox/);
    const warning = warnings[level];
    if (warning === undefined) assert.not.match(built.stderr, /less protection/);
    else assert.match(built.stderr, warning);
    if (isForced) return;
    assert.equal([doctor?.code, doctor?.level, doctor?.healthy], [0, level, true]);
    const remedy = remedies[machine!];
    const above = doctor?.rungs.find(({ rung }) => rung === rungs[rungs.indexOf(level) - 1]);
    if (remedy !== undefined)
      assert.match(above!.missing.flatMap((each) => each.remedies).join('\n'), remedy);
  });
}

test('a level above what there is refuses the first step, with what would be taken and what gives more', async () => {
  if (!canBuild()) return;
  await using machine = await poorMachines.container();
  if (machine === undefined) return;
  await busyboxBase(machine.file('base'));
  const input = 'FROM base\nRUN true\n';
  const base = `--build-context=base=oci-layout://${machine.file('base')}:latest`;
  const refused = await machine.slipway(
    ['build', '--progress=plain', '--require=rootless-single', base, '-'],
    { input },
  );
  assert.is(refused.code, 3, refused.stderr);
  assert.match(
    refused.stderr,
    '--require=rootless-single is not met: steps would run in another root folder',
  );
  assert.match(refused.stderr, /hint: .*systempaths=unconfined/);
});

test('doctor leaves nothing behind where there was no state folder', async () => {
  await using own = await tempDir();
  const { code } = await slipway(['doctor'], { root: own.file('a/state'), cwd: own.path });
  assert.ok(code === 0 || code === 1);
  assert.throws(() => readFileSync(own.file('a')), /ENOENT/);
});

test.run();
