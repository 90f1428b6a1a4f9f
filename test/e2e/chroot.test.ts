// Builds where nothing can be mounted and no namespace made: in a container as Docker makes it, and the like. What comes of them is
// what comes of them elsewhere.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { busyboxBase, haveBusybox } from '../support/busybox-base.ts';
import { slipway, startSlipway } from '../support/cli.ts';
import { type PoorMachineName, poorMachines } from '../support/poor-machines.ts';
import { requireFeature } from '../support/require-feature.ts';
import { processesOf, until } from '../support/step-bench.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('chroot');

const dockerfile = `FROM base AS made
RUN mkdir -p /o/sub && echo one > /o/one && ln /o/one /o/other && ln -s one /o/link && chmod 6755 /o/one \\
 && chown 7:8 /o/sub && chmod 1777 /o/sub && mkfifo /o/pipe && echo text > "/o/sub/\\$(printf 'n\\303\\251')"
RUN --mount=type=cache,target=/root/.cache,id=kept echo kept > /root/.cache/file
RUN --mount=type=cache,target=/root/.cache,id=kept --mount=type=bind,source=given,target=/given \\
  --mount=type=tmpfs,target=/o/sub --mount=type=secret,id=word,target=/run/word \\
  cat /root/.cache/file /given/file /run/word > /o/read; touch /o/sub/lost /dev/lost /tmp/kept
RUN rm /o/link && mkdir /gone && rmdir /gone && cp -p /o/one /o/copy && mv /o/pipe /o/moved && cat /etc/hosts > /dev/null
FROM base
RUN --mount=from=made,target=/made cp -a /made/o /; echo here > /etc/hosts.new; (sleep 1000 &)
COPY --from=made /o/read /o/again
USER 7
RUN id -u > /tmp/user; [ ! -e /proc/self ] || true
`;

/** The image, as a digest that depends on nothing but what the steps did. */
function arguments_(folder: string, base: string): string[] {
  return [
    ...['build', '--progress=plain', '--build-context', `base=oci-layout://${base}:latest`],
    ...['--secret', `id=word,src=${join(folder, 'word')}`],
    ...[
      '--output',
      `type=oci,dest=${join(folder, 'image')},tar=false,rewrite-timestamp=true`,
      join(folder, 'context'),
    ],
  ];
}

function layOut(folder: string): void {
  mkdirSync(join(folder, 'context/given'), { recursive: true });
  writeFileSync(join(folder, 'context/Dockerfile'), dockerfile);
  writeFileSync(join(folder, 'context/given/file'), 'given\n');
  writeFileSync(join(folder, 'word'), 'word\n');
}

const digestOf = (folder: string): string =>
  (
    JSON.parse(readFileSync(join(folder, 'image/index.json'), 'utf8')) as { manifests: { digest: string }[] }
  ).manifests
    .map(({ digest }) => digest)
    .join();

const epoch = { SOURCE_DATE_EPOCH: '1700000000' };
let expected: string | undefined;

/** What the sandbox makes of it. */
async function usualDigest(): Promise<string> {
  if (expected !== undefined) return expected;
  await using folder = await tempDir('slipway-chroot-');
  layOut(folder.path);
  await busyboxBase(folder.file('base'));
  const args = arguments_(folder.path, folder.file('base'));
  const { code, stderr } = await slipway(args, { root: folder.file('root'), env: epoch });
  assert.is(code, 0, stderr);
  expected = digestOf(folder.path);
  return expected;
}

const machines: PoorMachineName[] = ['container', 'container on overlay'];

for (const name of machines)
  test(`${name}: steps run, nothing else than elsewhere comes of them, and the second build runs none`, async () => {
    if (!requireFeature('busybox-static', haveBusybox)) return;
    await using machine = await poorMachines[name]();
    if (machine === undefined) return;
    layOut(machine.shared);
    await busyboxBase(machine.file('base'));
    const args = arguments_(machine.shared, machine.file('base'));
    const first = await machine.slipway(args, { env: epoch });
    assert.is(first.code, 0, first.stderr);
    assert.is(digestOf(machine.shared), await usualDigest());
    const second = await machine.slipway(args, { env: epoch });
    assert.is(second.code, 0, second.stderr);
    if (name !== 'container on overlay') assert.match(second.stderr, / 0 ran/);
  });

test('what no chroot can hold to is refused, with the line and what to do', async () => {
  if (!requireFeature('busybox-static', haveBusybox)) return;
  await using machine = await poorMachines.container();
  if (machine === undefined) return;
  const base = await busyboxBase(machine.file('base'));
  assert.ok(base);
  const refused: [string, string[], RegExp][] = [
    ['RUN --network=none true', [], /network=none can't be held to/],
    ['RUN --security=insecure true', ['--allow=security.insecure'], /security=insecure can't be held to/],
    ['RUN true', ['--resource', 'memory=64m'], /cgroup/],
  ];
  for (const [line, flags, says] of refused) {
    mkdirSync(machine.file('context'), { recursive: true });
    writeFileSync(machine.file('context/Dockerfile'), `FROM base\n${line}\n`);
    const context = `base=oci-layout://${machine.file('base')}:latest`;
    const ran = await machine.slipway([
      'build',
      ...flags,
      '--build-context',
      context,
      machine.file('context'),
    ]);
    assert.is.not(ran.code, 0);
    assert.match(ran.stderr, says);
    assert.match(ran.stderr, 'hint: ');
    assert.match(ran.stderr, /Dockerfile:2/);
  }
});

// As it is built: the program that ends them is text, and what a bundler makes of it is not what its source says.
test('what a step runs in the background ends with a builder that is killed', async () => {
  if (!requireFeature('busybox-static', haveBusybox)) return;
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  await using folder = await tempDir('slipway-chroot-');
  await busyboxBase(folder.file('base'));
  const mark = `${process.pid}${Date.now()}`;
  mkdirSync(folder.file('context'));
  const line = `RUN (sleep ${mark} &) ; (setsid sleep ${mark} &) ; sleep ${mark}`;
  writeFileSync(folder.file('context/Dockerfile'), `FROM base\n${line}\n`);
  const context = `base=oci-layout://${folder.file('base')}:latest`;
  const child = startSlipway(
    ['build', '--isolation=chroot', '--build-context', context, folder.file('context')],
    { root: folder.file('root') },
  );
  const running = (): number => processesOf(`sleep\0${mark}`).length;
  await until(() => running() === 3 || child.exitCode !== null);
  assert.is(child.exitCode, null);
  child.kill('SIGKILL');
  await until(() => running() === 0);
});

test.run();
