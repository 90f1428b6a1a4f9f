// RUN for another machine: what is registered with the kernel runs it, and without that the step says what to do.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { arm64Program } from '../support/arm64-program.ts';
import { top } from '../support/cli.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type CommandResult, runCommand } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e emulation');
const folder = '/proc/sys/fs/binfmt_misc';
const name = `slipway-test-${process.pid}`;
const mark = 'slipway';
const hasBinfmt = /\tbinfmt_misc$/m.test(readFileSync('/proc/filesystems', 'utf8'));

const canRegister = (): boolean =>
  requireFeature('binfmt_misc', hasBinfmt && process.arch === 'x64') && requireWorkbench();

/** Matches only programs with this test's mark: nothing else on the machine is concerned. */
function registration(interpreter: string, flags: string): string {
  const escaped = (bytes: Buffer): string =>
    [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  const magic = escaped(arm64Program(mark).subarray(0, 20));
  return `:${name}:M::${magic}::${interpreter}:${flags}`;
}

/** A build in a mount namespace that shows binfmt_misc, with an entry registered while it runs. */
async function buildWith(bench: Workbench, line: string, flags: string[] = []): Promise<CommandResult> {
  const script = `[ -e ${folder}/status ] || mount -t binfmt_misc none ${folder} || exit 99
trap '[ ! -e ${folder}/${name} ] || echo -1 > ${folder}/${name}' EXIT
[ -z "$LINE" ] || printf %s "$LINE" > ${folder}/register || exit 98
"$@"`;
  const unshare = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'];
  const command = [process.execPath, join(top, 'dist/cli/main.js'), 'build', '--progress=plain'];
  return runCommand(
    [...unshare, ...command, '--platform=linux/arm64', bench.base.flag, ...flags, bench.context],
    {
      cwd: bench.path,
      env: { SLIPWAY_ROOT: bench.root, LINE: line },
    },
  );
}

test('an emulator that is registered runs the step: opened at registration, or found in the image', async () => {
  if (!canRegister()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM scratch\nCOPY hello /\nRUN ["/hello", "for", "arm64"]\n',
  });
  writeFileSync(join(bench.context, 'hello'), arm64Program(mark), { mode: 0o755 });
  // Called by this name busybox writes its arguments, the first of which is the program.
  const echo = bench.file('echo');
  copyFileSync('/bin/busybox', echo);
  const outside = await buildWith(bench, registration(echo, 'F'));
  assert.is(outside.code, 0, outside.stderr);
  assert.match(outside.stderr, /\/hello for arm64/);
  await bench.write({
    Dockerfile: 'FROM scratch\nCOPY hello /\nCOPY echo /emu/echo\nRUN ["/hello", "again"]\n',
  });
  copyFileSync('/bin/busybox', join(bench.context, 'echo'));
  const inside = await buildWith(bench, registration('/emu/echo', ''));
  assert.is(inside.code, 0, inside.stderr);
  assert.match(inside.stderr, /\/hello again/);
});

test('without an emulator the line and what to install are named, and what needs none is built', async () => {
  if (!canRegister()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nCOPY hello /\nRUN ["/hello"]\n' });
  writeFileSync(join(bench.context, 'hello'), arm64Program(mark), { mode: 0o755 });
  const missing = await buildWith(bench, '');
  assert.is(missing.code, 1, missing.stderr);
  assert.match(missing.stderr, /Dockerfile:3/);
  assert.match(missing.stderr, /\/hello is for arm64, this machine is amd64 without an emulator/);
  assert.match(missing.stderr, /hint: .*qemu-user-static binfmt-support/);
  const elsewhere = await buildWith(bench, registration('/emu/echo', ''));
  assert.match(elsewhere.stderr, /\/emu\/echo is not in the image[\s\S]*hint: register it with the flag F/);
  await bench.write({
    Dockerfile:
      'FROM --platform=$BUILDPLATFORM base AS build\nRUN echo cross > /out\nFROM scratch\nCOPY hello /\nCOPY --from=build /out /\n',
  });
  assert.is((await buildWith(bench, '')).code, 0);
});

test('a script without a first line for the kernel gets a hint, on any platform', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nCOPY --chmod=755 go /go\nRUN ["/go"]\n',
    go: 'echo hi\n',
  });
  const { stderr } = await bench.fail();
  assert.match(stderr, /exec format error[\s\S]*hint: a script needs a first line such as #!\/bin\/sh/);
});

test.run();
