import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cautionOf } from '../../src/runtime/caution.ts';
import { allCapabilities, defaultCapabilities } from '../../src/runtime/confinement.ts';
import { judgeLadder, meets, type RungTrial } from '../../src/runtime/judge-ladder.ts';
import { isAtLeast, type Rung, rungs } from '../../src/runtime/ladder.ts';
import type { MachineFacts } from '../../src/runtime/machine-facts.ts';

const test = suite('judge-ladder');

const root: MachineFacts = {
  ...{ platform: 'linux', uid: 0, userName: 'root', capabilities: allCapabilities, noNewPrivileges: false },
  ...{ filtered: false, distribution: 'debian', container: undefined, userNamespaces: 'work', ownProc: true },
  ...{ idMapping: 'works', subids: { uids: 0, gids: 0 }, freeSubid: 165_536, idSpace: 2 ** 32 - 1 },
};
const user: MachineFacts = { ...root, uid: 1000, userName: 'wilma', capabilities: [] };

/** What is missing for a rung, and all remedies as one text. */
function told(rung: Rung, facts: MachineFacts, trials: RungTrial[] = []): [string[], string] {
  const { missing } = judgeLadder(trials, facts).find((each) => each.rung === rung)!;
  return [missing.map(({ lack }) => lack), missing.flatMap(({ remedies }) => remedies).join('\n')];
}

test('what works is told with what runs it, whatever was tried before', () => {
  const trials: RungTrial[] = [
    { rung: 'oci', name: 'crun', command: '/bin/crun', works: false, reason: 'it broke' },
    { rung: 'oci', name: 'runc', command: '/bin/runc', works: true },
    { rung: 'sandbox', name: 'sandbox', command: 'launcher', works: false, reason: 'no' },
    { rung: 'sandbox', name: 'unshare', command: '/bin/unshare', works: true, lacks: ['seccomp'] },
  ];
  const answers = judgeLadder(trials, root);
  assert.equal(
    answers.map(({ rung, works, name }) => [rung, works, name]),
    [
      ['oci', true, 'runc'],
      ['sandbox', true, 'unshare'],
      ...['rootless', 'rootless-single', 'chroot'].map((rung) => [rung, false, undefined]),
    ],
  );
  assert.equal(answers[0]!.missing, []);
  assert.equal(
    answers[1]!.missing.map(({ lack }) => lack),
    ['filter of system calls'],
  );
});

test('a user is told what root would give, and how to get ranges of ids', () => {
  assert.equal(told('sandbox', user), [['root'], 'sudo slipway …']);
  assert.equal(told('oci', user)[0], ['root', 'oci runtime']);
  const range = '165536-231071';
  assert.equal(told('rootless', user), [
    ['subordinate ids'],
    `sudo usermod --add-subuids ${range} --add-subgids ${range} wilma`,
  ]);
  const nameless = told('rootless', { ...user, userName: undefined });
  assert.equal(nameless[0], ['user name', 'subordinate ids']);
  assert.match(nameless[1], 'useradd --system --uid 1000');
  assert.match(nameless[1], '1000:165536:65536');
  const nested = told('rootless', { ...user, idSpace: 65_536, container: 'podman' })[1];
  assert.match(nested, /Dockerfile of this container: RUN printf 'wilma:1:999\\nwilma:1001:64535\\n' \| tee/);
  assert.equal(told('rootless', { ...user, subids: { uids: 65_536, gids: 65_536 } })[0], []);
  assert.equal(told('rootless', root)[0], []);
});

test('each obstacle to user namespaces has a remedy of its own', () => {
  const remedies = (['limit', 'sysctl', 'apparmor', 'filter'] as const).map((userNamespaces) => {
    const [lacks, text] = told('rootless-single', { ...user, userNamespaces });
    assert.equal(lacks, ['user namespaces']);
    return text;
  });
  const expected = [
    'user.max_user_namespaces=',
    'kernel.unprivileged_userns_clone=1',
    'kernel.apparmor_restrict_unprivileged_userns=0',
    'SystemCallFilter',
  ];
  for (const [index, part] of expected.entries()) assert.ok(remedies[index]!.includes(part), part);
});

test('remedies are those of the distribution', () => {
  for (const [distribution, command] of [
    ['debian', 'sudo apt-get install -y uidmap'],
    ['fedora', 'dnf install -y shadow-utils'],
    ['alpine', 'apk add shadow-uidmap'],
    [undefined, 'install newuidmap'],
  ] as const)
    assert.match(told('rootless', { ...user, distribution, idMapping: 'missing' })[1], command);
});

test('in a container remedies are flags of its engine', () => {
  const inside = {
    ...root,
    capabilities: defaultCapabilities,
    filtered: true,
    userNamespaces: 'filter',
  } as const;
  const docker = { ...inside, container: 'docker' } as const;
  assert.match(
    told('sandbox', docker)[1],
    /docker run --cap-add SYS_ADMIN --security-opt apparmor=unconfined/,
  );
  assert.match(told('oci', docker)[1], /docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined/);
  assert.match(told('rootless', docker)[1], /docker run .*--security-opt systempaths=unconfined/);
  const pod = { ...inside, container: 'kubernetes' } as const;
  assert.match(told('sandbox', pod)[1], /hostUsers: true, with .*SYS_ADMIN/);
  assert.match(told('rootless', pod)[1], /hostUsers: false, with .*procMount: Unmasked/);
  const powerless = { ...pod, uid: 1000, idMapping: 'powerless' } as const;
  assert.match(told('rootless', powerless)[1], /setcap cap_setuid=ep/);
  assert.match(
    told('rootless', { ...pod, userNamespaces: 'work', ownProc: false })[1],
    /procMount: Unmasked/,
  );
  assert.match(told('chroot', { ...pod, uid: 1000 })[1], /runAsUser: 0/);
  assert.equal(told('chroot', { ...docker, capabilities: [] })[0], ['chroot']);
  assert.equal(told('chroot', docker)[0], []);
});

test('what a trial of the launcher failed for is told, and what its stand-in lacks', () => {
  const trials = (reason?: string): RungTrial[] => [
    ...(reason
      ? [{ rung: 'sandbox', name: 'sandbox', command: 'launcher', works: false, reason } as const]
      : []),
    { rung: 'sandbox', name: 'unshare', command: '/bin/unshare', works: true, lacks: ['seccomp'] },
    { rung: 'chroot', name: 'chroot', command: 'launcher', works: false, reason },
  ];
  for (const [reason, lack] of [
    ['no program can be started in /state', 'programs'],
    ['the sandbox could not be set up: setting the filter of system calls: no', 'filter of system calls'],
    [undefined, 'launcher'],
  ] as const) {
    assert.equal(told('sandbox', root, trials(reason))[0], [lack]);
    assert.equal(told('chroot', root, trials(reason))[0], reason ? [lack] : []);
  }
});

test('where all seems to be there, and ranges are not mapped, that is said', () => {
  const ranges = { ...user, subids: { uids: 65_536, gids: 65_536 } };
  const single = { rung: 'rootless-single', name: 'sandbox', command: 'launcher', works: true } as const;
  assert.equal(told('rootless', ranges, [single])[0], ['id mapping']);
  assert.match(told('rootless', ranges, [single])[1], 'unshare --user --map-auto');
});

test('where user namespaces are settings of the kernel, a container is told to ask the machine', () => {
  const inside = { ...user, container: 'docker', userNamespaces: 'limit' } as const;
  assert.match(told('rootless-single', inside)[1], /^on the machine that the container runs on: sudo sysctl/);
  const idMapping = told('rootless', { ...user, container: 'docker', idMapping: 'missing' })[1];
  assert.match(idMapping, 'RUN apt-get update && apt-get install -y uidmap libcap2-bin && chmod u-s ');
  const setuid = told('rootless', { ...user, container: 'docker', idMapping: 'setuid' });
  assert.equal(setuid[0], ['id mapping', 'subordinate ids']);
  assert.match(setuid[1], /setcap cap_setuid=ep "\$\(command -v newuidmap\)"/);
  assert.match(told('sandbox', { ...inside, container: 'other' })[1], /docker run --user 0 … \(or what/);
});

test('a rung on which steps have no /proc works, and what would give them one is said', () => {
  const masked = { ...user, container: 'docker', ownProc: false } as const;
  const trial = { rung: 'rootless-single', name: 'sandbox', works: true } as const;
  const without = { ...trial, command: 'launcher without /proc', proc: false };
  const failed = { ...trial, command: 'launcher', works: false, reason: 'no /proc' };
  const of = (trials: RungTrial[]) =>
    judgeLadder(trials, masked).find(({ rung }) => rung === 'rootless-single')!;
  const found = of([failed, without]);
  assert.equal([found.works, found.command], [true, without.command]);
  assert.equal(
    found.missing.map(({ lack }) => lack),
    ['own proc'],
  );
  assert.equal(of([{ ...failed, works: true }, without]).missing, []);
});

test('elsewhere than on Linux that is all there is to say', () => {
  for (const rung of rungs) assert.equal(told(rung, { ...user, platform: 'darwin' })[0], ['linux']);
});

test('a level is met from its rung upward, unless a protection that it promises is lacking', () => {
  assert.ok(isAtLeast('oci', 'chroot') && !isAtLeast('chroot', 'rootless-single'));
  assert.ok(meets({ rung: 'sandbox' }, 'rootless'));
  assert.not(meets({ rung: 'sandbox' }, 'oci'));
  assert.not(meets({ rung: 'sandbox', lacks: ['seccomp'] }, 'sandbox'));
});

test('a build warns of what the sandbox would have kept, and of nothing else', () => {
  for (const rung of ['oci', 'sandbox', 'rootless'] as const) assert.is(cautionOf({ rung }), undefined);
  assert.match(cautionOf({ rung: 'rootless-single' })!.message, /they run as one user/);
  const { message } = cautionOf({ rung: 'chroot' })!;
  assert.match(message, /no filter of system calls of their own where USER is not root/);
  assert.match(message, /they are kept in their folder by a missing capability alone, share /);
  assert.match(cautionOf({ rung: 'sandbox', lacks: ['seccomp'] })!.message, /no filter of system calls$/);
  assert.match(cautionOf({ rung: 'chroot' })!.hint, /slipway doctor/);
  assert.match(cautionOf({ rung: 'rootless', proc: false })!.message, /^steps have an empty \/proc: /);
  assert.match(
    cautionOf({ rung: 'rootless-single', proc: false })!.message,
    /run as one user.*, have an empty \/proc$/,
  );
});

test.run();
