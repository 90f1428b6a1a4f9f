// What doctor says of machines that are described, without looking at this one.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../../src/cli/commands/doctor/diagnose.ts';
import { doctorText } from '../../../src/cli/commands/doctor/doctor-text.ts';
import { joinReports } from '../../../src/cli/commands/doctor/join-reports.ts';
import { judgeLadder, type MachineFacts, type MachineReport, type RungTrial } from '../../../src/index.ts';
import { allCapabilities } from '../../../src/runtime/confinement.ts';
import { createTestSession } from '../../support/cli-session.ts';

const test = suite('cli/doctor');

const facts: MachineFacts = {
  ...{ platform: 'linux', uid: 0, userName: 'root', capabilities: allCapabilities, noNewPrivileges: false },
  ...{ filtered: false, distribution: 'debian', container: undefined, userNamespaces: 'work', ownProc: true },
  ...{ idMapping: 'works', subids: { uids: 0, gids: 0 }, freeSubid: 100_000, idSpace: 2 ** 32 - 1 },
};

const trialOf = (rung: RungTrial['rung'], name: string, works = true): RungTrial => ({
  ...{ rung, name, command: name === 'runc' ? '/usr/bin/runc' : 'launcher', works },
});

function report(trials: RungTrial[], changes: Partial<MachineReport> = {}): MachineReport {
  const known = changes.facts ?? facts;
  return {
    system: {
      ...{ platform: 'linux', architecture: 'x64', kernel: '6.18', distribution: 'Debian', node: '20.20.2' },
      ...{ cores: 2, memory: 2 ** 34, systemCalls: 'koffi', emulators: [], clockBehind: 0 },
    },
    facts: known,
    state: {
      ...{ path: '/s', exists: true, problem: undefined, fileSystem: 'ext4', allowsPrograms: true },
      ...{ free: 2 ** 36, total: 2 ** 37, freeFiles: 1e6 },
    },
    ...{ trials, rungs: judgeLadder(trials, known), used: trials.find(({ works }) => works) },
    snapshotter: { kind: 'overlay', overlay: true, volatile: true, erofs: undefined },
    cgroups: { version: 2, limits: [{ limit: 'memory' }] },
    ...{ programs: [], credentials: [] },
    ...changes,
  };
}

const user: MachineFacts = { ...facts, uid: 1000, userName: 'wilma', capabilities: [] };
const options = (require?: 'oci' | 'rootless') => ({ require, flags: {}, session: createTestSession() });
const isolationOf = (about: MachineReport, require?: 'oci' | 'rootless') =>
  diagnose(about, options(require)).checks.find((check) => check.about === 'isolation')!;

test('a machine on which steps run in the sandbox is well', () => {
  const diagnosis = diagnose(report([trialOf('sandbox', 'sandbox')]), options());
  assert.ok(diagnosis.healthy);
  assert.is(diagnosis.level, 'sandbox');
});

test('what is required and is not there is bad, and says what mends it', () => {
  const about = report([trialOf('sandbox', 'sandbox')]);
  const check = isolationOf(about, 'oci');
  assert.is(check.status, 'bad');
  assert.equal(check.remedies, ['apt-get install -y runc']);
  assert.not(diagnose(about, options('oci')).healthy);
  assert.ok(diagnose(about, options('rootless')).healthy);
});

test('what is left open is said, with ways to close it', () => {
  const single = report([trialOf('rootless-single', 'sandbox')], { facts: user });
  const check = isolationOf(single);
  assert.is(check.status, 'note');
  assert.match(check.text, 'run as one user');
  assert.match(check.remedies.join('\n'), 'usermod --add-subuids 100000-165535');
  assert.is(isolationOf(report([], { facts: user })).status, 'bad');
});

test('a build of a user runs in a namespace, and what is known from there counts', () => {
  const own = report([trialOf('sandbox', 'sandbox', false), trialOf('chroot', 'chroot', false)], {
    facts: user,
  });
  const inside = report([trialOf('rootless', 'sandbox'), trialOf('chroot', 'chroot')], {
    snapshotter: { kind: 'mixed', overlay: true, volatile: false, erofs: undefined },
  });
  const joined = joinReports({ own, inside, isolation: 'auto' });
  assert.equal([joined.used?.rung, joined.snapshotter?.kind], ['rootless', 'mixed']);
  assert.is(joinReports({ own, inside: undefined, isolation: 'auto' }).used, undefined);
});

test('root stays outside, but knows what there is inside', () => {
  const own = report([trialOf('sandbox', 'sandbox'), trialOf('oci', 'runc')]);
  const inside = report([trialOf('rootless', 'sandbox')]);
  const joined = joinReports({ own, inside, isolation: 'auto' });
  assert.is(joined.used?.rung, 'sandbox');
  assert.equal(
    joined.rungs.map(({ rung, works }) => [rung, works]),
    [
      ['oci', true],
      ['sandbox', true],
      ['rootless', true],
      ['rootless-single', true],
      ['chroot', false],
    ],
  );
  assert.is(joinReports({ own, inside, isolation: 'oci' }).used?.name, 'runc');
  assert.is(joinReports({ own, inside, isolation: 'rootless' }).used?.rung, 'rootless');
});

test('trouble of the state folder, the clock and credentials is told', () => {
  const state = {
    ...report([]).state,
    problem: 'nothing can be written there (EROFS)',
    allowsPrograms: false,
  };
  const { system } = report([]);
  const about = report([trialOf('sandbox', 'sandbox')], {
    ...{ state, system: { ...system, clockBehind: 90, systemCalls: 'programs' } },
    credentials: [{ path: '/c', logins: 0, helpers: [], problem: 'it is not JSON' }],
  });
  const { checks } = diagnose(about, options());
  const statuses = Object.fromEntries(checks.map(({ about: name, status }) => [name, status]));
  assert.equal(
    ['state folder', 'clock', 'koffi', 'logins'].map((name) => statuses[name]),
    ['bad', 'note', 'note', 'bad'],
  );
});

test('the text names each rung once, and each remedy once in the ladder', () => {
  const about = report([trialOf('rootless', 'sandbox')], { facts: { ...user, container: 'docker' } });
  const text = doctorText(about, diagnose(about, options()), { verbose: true });
  const ladder = text.slice(0, text.indexOf('This machine'));
  assert.is(ladder.split('docker run --user 0').length, 2);
  for (const rung of ['oci', 'sandbox', 'rootless', 'rootless-single', 'chroot'])
    assert.match(ladder, new RegExp(`^  ${rung} +\\S`, 'm'));
  assert.match(text, /is used/);
  assert.match(text, /What rootless protects/);
});

test.run();
