// Every rung of the isolation ladder for real: doctor finds it, the quickstart builds on it with the layers of the sandbox, and a level
// above it is refused.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Rung, rungs } from '../../src/runtime/ladder.ts';
import { busyboxBase, haveBusybox } from '../support/busybox-base.ts';
import { slipway, top } from '../support/cli.ts';
import { readOciImage } from '../support/oci-image.ts';
import { type PoorMachine, type PoorMachineName, poorMachines } from '../support/poor-machines.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type CommandResult, findProgram } from '../support/run-command.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('e2e/ladder');
const isRoot = process.getuid?.() === 0;
const epoch = { SOURCE_DATE_EPOCH: '1700000000' };
let dir: TempDir;
/** Of the sandbox, as root. */
let expected: string[];

/** More of owners, modes and links than the quickstart has. Links stay as they are: overlayfs parts those that a later step changes. */
const owned = `
FROM base
COPY --chown=12:34 style.css /s
RUN mkdir -m 2755 /d && echo a >/d/f && chown 33:44 /d/f && chmod 4711 /d/f && ln /d/f /d/g && ln -s f /d/l
RUN chown 1000:1000 /d && mv /s /d/s && rm /d/l
USER app
WORKDIR /home/app/w
RUN id -u >u && touch t
`;

/** Puts the quickstart, its base and the other Dockerfile into a folder. */
async function place(folder: string): Promise<string[]> {
  cpSync(join(top, 'fixtures/quickstart'), join(folder, 'site'), { recursive: true });
  writeFileSync(join(folder, 'site/Owned'), owned);
  await busyboxBase(join(folder, 'base'));
  return [`--build-context=base=oci-layout://${join(folder, 'base')}:latest`, join(folder, 'site')];
}

const output = (folder: string, name: string): string =>
  `--output=type=oci,dest=${join(folder, name)}.tar,rewrite-timestamp=true`;

const layersIn = async (folder: string): Promise<string[]> => {
  const images = await Promise.all(
    ['site', 'owned'].map((name) => readOciImage(join(folder, `${name}.tar`))),
  );
  return images.flatMap(({ config }) => config.rootfs.diff_ids);
};

/** Builds both; returns the last build's result. */
async function buildBoth(
  folder: string,
  flags: readonly string[],
  run: (args: readonly string[]) => Promise<CommandResult>,
): Promise<CommandResult> {
  const rest = await place(folder);
  let result: CommandResult | undefined;
  for (const [name, more] of [
    ['site', []],
    ['owned', ['--file', join(folder, 'site/Owned')]],
  ] as const) {
    const args = ['build', '--progress=plain', output(folder, name), ...flags, ...more, ...rest];
    result = await run(args);
    assert.is(result.code, 0, result.stderr);
  }
  return result!;
}

test.before(async () => {
  if (!isRoot || !haveBusybox) return;
  dir = await tempDir();
  await buildBoth(dir.path, ['--isolation=sandbox'], (args) =>
    slipway(args, { root: dir.file('state'), env: epoch }),
  );
  expected = await layersIn(dir.path);
  assert.ok(expected.length > 6);
});
test.after(async () => {
  await dir?.[Symbol.asyncDispose]();
});

async function doctor(machine: PoorMachine, flags: readonly string[] = []) {
  const { code, stdout, stderr } = await machine.slipway(['doctor', '--json', ...flags]);
  assert.is(stderr, '');
  return { code, told: JSON.parse(stdout) as { level: Rung; healthy: boolean; report: { rungs: object[] } } };
}

interface Expectation {
  level: Rung;
  /** In the warning of builds; none where it is left out. */
  warning?: RegExp;
  /** In the hint of a build that requires the rung above; left out where that is there, too. */
  remedy?: RegExp;
}

function check(name: PoorMachineName, { level, warning, remedy }: Expectation): void {
  test(`${name}: ${level}`, async () => {
    if (!requireFeature('root', isRoot) || !requireFeature('busybox-static', haveBusybox)) return;
    await using machine = await poorMachines[name]();
    if (machine === undefined) return;
    const { code, told } = await doctor(machine, [`--require=${level}`]);
    assert.equal([code, told.level, told.healthy], [0, level, true]);
    const run = (args: readonly string[]) => machine.slipway(args, { env: epoch });
    const { stderr } = await buildBoth(machine.shared, [`--require=${level}`], run);
    if (warning === undefined) assert.not.match(stderr, /less protection/);
    else assert.match(stderr, warning);
    assert.equal(await layersIn(machine.shared), expected);
    const above = rungs[rungs.indexOf(level) - 1];
    if (above === undefined || remedy === undefined) return;
    const refused = await run([
      ...['build', '--progress=plain', '--no-cache', `--require=${above}`],
      ...[`--build-context=base=oci-layout://${machine.file('base')}:latest`, machine.file('site')],
    ]);
    assert.is(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, `--require=${above} is not met`);
    assert.match(refused.stderr, remedy);
  });
}

check('user', { level: 'rootless', remedy: /not root: / });
check('user without subids', {
  level: 'rootless-single',
  warning: /run as one user/,
  remedy: /usermod --add-subuids/,
});
check('container', {
  level: 'chroot',
  warning: /kept in their folder by a missing capability/,
  remedy: /seccomp=unconfined/,
});
check('container on overlay', {
  level: 'chroot',
  warning: /kept in their folder by a missing capability/,
  remedy: /seccomp=unconfined/,
});
check('container without seccomp', { level: 'chroot', warning: /./, remedy: /systempaths=unconfined/ });
check('container without seccomp and masks', { level: 'rootless', remedy: /--cap-add SYS_ADMIN/ });
check('root without SYS_ADMIN', { level: 'rootless', remedy: /CAP_SYS_ADMIN/ });
check('container with SYS_ADMIN', { level: 'sandbox' });

for (const isolation of ['oci', 'rootless', 'chroot'] as const) {
  test(`root with --isolation=${isolation} makes the same layers`, async () => {
    if (!requireFeature('root', isRoot) || !requireFeature('busybox-static', haveBusybox)) return;
    if (isolation === 'oci' && !requireFeature('runc', findProgram('runc') !== undefined)) return;
    await using own = await tempDir();
    await buildBoth(own.path, [`--isolation=${isolation}`, `--require=${isolation}`], (args) =>
      slipway(args, { root: own.file('state'), env: epoch }),
    );
    assert.equal(await layersIn(own.path), expected);
    const { runtimes } = JSON.parse(readFileSync(join(own.file('state'), probesOf(isolation)), 'utf8')) as {
      runtimes: { name: string; works: boolean }[];
    };
    const names = { oci: /crun|runc/, rootless: /sandbox/, chroot: /chroot/ };
    assert.match(runtimes.find(({ works }) => works)!.name, names[isolation]);
  });
}

const probesOf = (isolation: string): string =>
  isolation === 'rootless' ? 'probes-subuid-v1.json' : 'probes-v1.json';

test('nothing that runs steps, and what would: doctor fails and says so', async () => {
  await using machine = await poorMachines['restricted pod']();
  if (machine === undefined) return;
  const { code, told } = await doctor(machine, ['--require=chroot']);
  assert.equal([code, told.level, told.healthy], [1, undefined, false]);
  const { stdout } = await machine.slipway(['doctor']);
  assert.match(stdout, /docker run --user 0/);
  assert.match(stdout, /seccomp=unconfined/);
});

test('doctor leaves nothing behind where there was no state folder', async () => {
  await using own = await tempDir();
  const { code } = await slipway(['doctor'], { root: own.file('a/state'), cwd: own.path });
  assert.ok(code === 0 || code === 1);
  assert.throws(() => readFileSync(own.file('a')), /ENOENT/);
});

test.run();
