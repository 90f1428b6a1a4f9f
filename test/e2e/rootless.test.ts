// Builds of users who are not root: with ranges of ids, and with one id alone.
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { haveBusybox } from '../support/busybox-base.ts';
import { slipway, top } from '../support/cli.ts';
import { readOciImage } from '../support/oci-image.ts';
import { openWithPeers, requirePeers } from '../support/peers.ts';
import { type PoorMachine, poorMachines } from '../support/poor-machines.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type CommandResult, mustRun, runCommand } from '../support/run-command.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('e2e rootless');

const dockerfile = `FROM base AS made
RUN mkdir -p /data/in && echo one >/data/in/file && ln -s file /data/in/link && mkfifo /data/pipe \\
 && chown -R 33:44 /data && chown -h 5:6 /data/in/link && chmod 4755 /data/in/file
RUN /bin/busybox chown :77 /data/in/file && mv /data/in/file /data/moved
FROM made
USER app
WORKDIR /home/app
RUN test "$(id -u)" = 1000 && echo mine >mine && ln -s mine also && mkdir folder
USER root
RUN rm -r /data/in && rm /bin/vi && mkdir /data/in && echo more >>/home/app/mine && touch /data/in/new
RUN --mount=type=cache,target=/cache,uid=1000 echo line >>/cache/lines && wc -l </cache/lines >/count
RUN --mount=type=secret,id=word,uid=1000 test "$(cat /run/secrets/word)" = hush
RUN --network=none ! ping -c 1 -w 1 127.0.0.2 >/dev/null || true
COPY --chown=12:34 text /text
COPY --from=made /data /copied
`;

interface Bench {
  machine: PoorMachine;
  base: string;
  /** Builds the context, and returns what was said. */
  build(flags?: readonly string[]): Promise<CommandResult>;
}

async function bench(machine: PoorMachine, text = dockerfile): Promise<Bench> {
  const [base, context] = [machine.file('base'), machine.file('context')];
  await mustRun([process.execPath, `${top}/fixtures/quickstart/base.mjs`, base]);
  await mustRun(['chmod', '-R', 'a+rX', base]);
  await mkdir(context);
  await writeFile(`${context}/Dockerfile`, text);
  await writeFile(`${context}/text`, 'text\n');
  await writeFile(machine.file('word'), 'hush');
  await chmod(machine.file('word'), 0o644);
  return {
    machine,
    base,
    build: (flags = []) => machine.slipway([...words(base, machine), ...flags, context]),
  };
}

/** Equal builds give equal images with these. */
const words = (base: string, machine: PoorMachine): string[] => [
  ...['build', '--progress=plain', `--build-context=base=oci-layout://${base}:latest`],
  ...[`--secret=id=word,src=${machine.file('word')}`, '--build-arg=SOURCE_DATE_EPOCH=1700000000'],
];

const intoTar = (path: string): string => `--output=type=oci,dest=${path},rewrite-timestamp=true`;
const builtDigest = ({ stderr }: CommandResult): string => /^built (sha256:\w+)/m.exec(stderr)?.[1] ?? stderr;

/** The same build as root of this machine. */
async function builtByRoot({ machine, base }: Bench): Promise<string> {
  await using root = await tempDir();
  const flags = [...words(base, machine), intoTar(root.file('image.tar')), machine.file('context')];
  return builtDigest(await slipway(flags, { root: root.file('state'), cwd: root.path }));
}

for (const name of ['user', 'user without subids', 'user without new privileges'] as const) {
  test(`${name}: the image is the one that root builds, and the second build finds all of it`, async () => {
    if (!requireFeature('busybox-static', haveBusybox) || !requirePeers()) return;
    await using machine = await poorMachines[name]();
    if (machine === undefined) return;
    const here = await bench(machine);
    const tar = machine.file('image.tar');
    const built = await here.build([intoTar(tar)]);
    assert.is(built.code, 0, built.stderr);
    assert.is(builtDigest(built), await builtByRoot(here));
    await using out = await tempDir();
    await openWithPeers(tar, out.path);
    await readOciImage(tar);
    const again = await here.build([intoTar(tar)]);
    assert.match(again.stderr, /(\d+) steps, \1 from the cache, 0 ran/);
    const pruned = await machine.slipway(['prune', '--all', '--force']);
    assert.is(pruned.code, 0, pruned.stderr);
    const left = readdirSync(`${machine.root}/snapshots-v2`, { recursive: true, encoding: 'utf8' });
    assert.equal(
      left.filter((path) => /\/l\/(?!00?$)/.test(path)),
      [],
    );
  });
}

test('a step that can have no owner but one is told so, and what fails says why', async () => {
  if (!requireFeature('busybox-static', haveBusybox)) return;
  await using machine = await poorMachines['user without subids']();
  if (machine === undefined) return;
  const here = await bench(machine, 'FROM base\nRUN su app -s /bin/sh -c id\n');
  const { code, stderr } = await here.build();
  assert.is(code, 1, stderr);
  assert.match(stderr, /hint: .*\/etc\/subuid/);
});

test('who can make no namespace is told so, and what needs none is built', async () => {
  if (!requireFeature('busybox-static', haveBusybox)) return;
  await using machine = await poorMachines['user without namespaces']();
  if (machine === undefined) return;
  const here = await bench(machine, 'FROM base AS plain\nCOPY text /text\nFROM plain\nRUN true\n');
  const { code, stderr } = await here.build();
  assert.is(code, 3, stderr);
  assert.match(stderr, /hint: .*slipway doctor/);
  const plain = await here.build(['--target=plain']);
  assert.is(plain.code, 0, plain.stderr);
});

test('a build in which all is cached enters no namespace, and one that misses begins again in one, once', async () => {
  await using machine = await poorMachines['user without subids']();
  if (machine === undefined) return;
  const [context, starts, note] = ['context', 'starts', 'note.mjs'].map((name) => machine.file(name));
  await mkdir(context!);
  await writeFile(`${context}/Dockerfile`, 'FROM scratch\nCOPY text /text\n');
  await writeFile(`${context}/text`, 'text\n');
  const text = `import { appendFileSync, readFileSync } from 'node:fs';\nappendFileSync('${starts}', readFileSync('/proc/self/uid_map'));`;
  await writeFile(note!, text);
  await writeFile(starts!, '');
  await chmod(starts!, 0o666);
  const build = async (...flags: string[]): Promise<{ ids: string[]; steps: string; stderr: string }> => {
    await writeFile(starts!, '');
    const argv = [process.execPath, '--import', note!, machine.main, 'build', '--progress=plain'];
    const { code, stderr } = await machine.run([...argv, ...flags, context!]);
    assert.is(code, 0, stderr);
    const maps = readFileSync(starts!, 'utf8').trim().split('\n');
    const ids = maps.map((line) => line.trim().split(/\s+/)[2]!);
    return { ids, steps: /\d+ from the cache, \d+ ran/.exec(stderr)![0], stderr };
  };
  const [all, one] = ['4294967295', '1'];
  const first = await build();
  assert.equal([first.ids, first.steps], [[all, one], '0 from the cache, 1 ran']);
  const second = await build('-t', 'app');
  assert.equal([second.ids, second.steps], [[all], '1 from the cache, 0 ran']);
  assert.is(second.stderr.match(/load build definition/g)?.length, 1, second.stderr);
  await writeFile(`${context}/text`, 'other\n');
  const third = await build();
  assert.equal([third.ids, third.steps], [[all, one], '0 from the cache, 1 ran']);
  assert.is(third.stderr.match(/load build definition/g)?.length, 1, third.stderr);
  assert.equal((await build('--no-cache')).ids, [all, one]);
});

/** Processes of a user, but for those that have ended and nobody has asked about. */
async function processesOf(uid: number): Promise<string> {
  const { stdout } = await runCommand(['ps', '-o', 'stat=,args=', '-u', String(uid)]);
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Z'))
    .join('\n');
}

async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a build that is killed leaves no process and no mount', async () => {
  if (!requireFeature('busybox-static', haveBusybox)) return;
  await using machine = await poorMachines.user();
  if (machine === undefined) return;
  const here = await bench(machine, 'FROM base\nRUN touch /x && sleep 1000 & sleep 1000\n');
  const running = here.build();
  const hasStep = async () => /sleep 1000/.test(await processesOf(machine.uid));
  await until(hasStep);
  const { stdout } = await runCommand(['pgrep', '-u', String(machine.uid), '-f', 'cli/main.js build']);
  process.kill(Number(stdout.split('\n')[0]), 'SIGKILL');
  await running;
  await until(async () => (await processesOf(machine.uid)) === '');
  assert.not(readFileSync('/proc/self/mountinfo', 'utf8').includes(machine.shared));
});

test.run();
