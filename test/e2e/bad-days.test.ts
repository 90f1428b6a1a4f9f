// What goes wrong: each time one clear error, its exit code, no tag, no damaged blob, and a next build that works.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startSlipway, top } from '../support/cli.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { readOciImage } from '../support/oci-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { mustRun, runCommand } from '../support/run-command.ts';
import { processesOf, until } from '../support/step-bench.ts';
import { tempDir } from '../support/temp-dir.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e bad days');
const good = 'FROM base\nRUN echo fine > /fine\n';

/** No tag, and every blob what its name says. */
function assertSoundStore(root: string): void {
  const index = join(root, 'index.json');
  if (existsSync(index)) assert.equal(JSON.parse(readFileSync(index, 'utf8')).manifests ?? [], []);
  const blobs = join(root, 'blobs/sha256');
  for (const name of existsSync(blobs) ? readdirSync(blobs) : []) {
    assert.is(
      createHash('sha256')
        .update(readFileSync(join(blobs, name)))
        .digest('hex'),
      name,
    );
  }
}

async function assertNextBuildIsFine(bench: Workbench): Promise<void> {
  await bench.write({ Dockerfile: good });
  assert.is((await bench.image(['-t', 'fine:1'])).text('/fine'), 'fine\n');
}

const mistakes: [title: string, dockerfile: string, code: number, message: RegExp, flags?: string[]][] = [
  ['a Dockerfile that does not parse', 'FROM base\nRUM echo\n', 1, /Dockerfile:2[\s\S]*RUM[\s\S]*RUN/],
  [
    'a COPY from a stage that is not there',
    'FROM base AS build\nFROM base\nCOPY --from=7 / /\n',
    1,
    /Dockerfile:3[\s\S]*7/,
  ],
  ['a target that is not there', good, 1, /lats/, ['--target=lats']],
  ['a source that is not there', 'FROM base\nCOPY missing.txt /\n', 1, /Dockerfile:2[\s\S]*missing\.txt/],
  ['a step that fails', 'FROM base\nRUN echo why; exit 9\n', 1, /Dockerfile:2[\s\S]*\b9\b/],
  ['a flag that is not there', good, 2, /--no-cahce[\s\S]*--no-cache/, ['--no-cahce']],
  [
    'a base layout that is not there',
    'FROM other\n',
    1,
    /nowhere/,
    ['--build-context=other=oci-layout:///nowhere:latest'],
  ],
  ['a Dockerfile that is not there', good, 1, /other\.Dockerfile/, ['-f', 'other.Dockerfile']],
];

for (const [title, dockerfile, code, message, flags] of mistakes) {
  test(`${title}: one error, code ${code}`, async () => {
    if (!requireWorkbench()) return;
    await using bench = await workbench({ Dockerfile: dockerfile });
    const result = await bench.fail(['-t', 'never:1', ...(flags ?? [])]);
    assert.is(result.code, code, result.stderr);
    assert.match(result.stderr, message);
    assert.is(result.stdout, '');
    assertSoundStore(bench.root);
    await assertNextBuildIsFine(bench);
  });
}

test('a base that the registry does not have is named', async () => {
  if (!requireWorkbench() || !requireFeature('docker-registry', hasDockerRegistry())) return;
  await using bench = await workbench();
  const registry = await startDockerRegistry();
  try {
    await bench.write({ Dockerfile: `FROM ${registry.host}/no/such:image\n` });
    const { code, stderr } = await bench.fail(['-t', 'never:1']);
    assert.is(code, 1, stderr);
    assert.match(stderr, `${registry.host}/no/such:image`);
  } finally {
    await registry.stop();
  }
  assertSoundStore(bench.root);
  await assertNextBuildIsFine(bench);
});

test('a registry that is down is an error of the environment', async () => {
  if (!requireWorkbench()) return;
  // Nothing listens on port 1.
  await using bench = await workbench({ Dockerfile: 'FROM 127.0.0.1:1/some/image\nRUN true\n' });
  const { code, stderr } = await bench.fail(['-t', 'never:1']);
  assert.is(code, 3, stderr);
  assert.match(stderr, '127.0.0.1:1');
  assertSoundStore(bench.root);
  await assertNextBuildIsFine(bench);
});

test('without a runtime --isolation=oci says what to install', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: good });
  await mkdir(bench.file('empty'));
  const { code, stderr } = await bench.fail(['--isolation=oci'], { env: { PATH: bench.file('empty') } });
  assert.is(code, 3, stderr);
  assert.match(stderr, /runc|crun/);
  assertSoundStore(bench.root);
  await assertNextBuildIsFine(bench);
});

for (const [title, size, dockerfile] of [
  ['the base', '1m', good],
  ['a step', '9m', 'FROM base\nRUN head -c 30000000 /dev/urandom > /big\n'],
  ['a copied file', '9m', 'FROM base\nCOPY big /big\n'],
]) {
  test(`a disk that fills up with ${title} is named, and holds up nothing afterwards`, async () => {
    if (!requireWorkbench() || !requireFeature('root', process.getuid?.() === 0)) return;
    await using bench = await workbench({ Dockerfile: dockerfile!, big: '0123456789'.repeat(3_000_000) });
    await mkdir(bench.root);
    await mustRun(['mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', bench.root]);
    try {
      const { code, stderr } = await bench.fail(['-t', 'never:1']);
      // A step's own command sees the full disk itself, and fails as it likes.
      assert.is(code, title === 'a step' ? 1 : 3, stderr);
      assert.match(stderr, /no space|full/i);
      assertSoundStore(bench.root);
      await mustRun(['mount', '-o', 'remount,size=200m', bench.root]);
      await assertNextBuildIsFine(bench);
    } finally {
      await mustRun(['umount', '-l', bench.root]);
    }
  });
}

/** Seconds that no other process sleeps. */
const endless = `${process.pid}${Date.now()}`;

/** Starts a build and kills it as soon as its progress matches. */
async function killWhen(bench: Workbench, pattern: RegExp, flags: string[]): Promise<void> {
  const args = ['build', '--progress=plain', bench.base.flag, ...flags, bench.context];
  const child = startSlipway(args, { root: bench.root, cwd: bench.path });
  let said = '';
  const seen = new Promise<void>((done) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (pattern.test(said)) done();
    });
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const early = await Promise.race([seen, ended.then((code) => `ended with ${code}`)]);
  assert.is(early, undefined, said);
  child.kill('SIGKILL');
  await ended;
}

for (const [title, pattern] of [
  ['at its first word', /#1/],
  ['in a step', /^#\d+ [\d.]+ in the step$/m],
  ['while it exports', /exporting/],
] as const) {
  test(`kill -9 ${title} leaves a store that the next build uses`, async () => {
    if (!requireWorkbench()) return;
    const seconds = title === 'in a step' ? endless : '0';
    await using bench = await workbench({
      big: 'some text\n'.repeat(4_000_000),
      Dockerfile: `FROM base\nCOPY big /big\nRUN echo in the step; sleep ${seconds}\n`,
    });
    const tar = bench.file('never.tar');
    for (;;) {
      await killWhen(bench, pattern, ['-t', 'never:1', `--output=type=oci,dest=${tar}`]);
      if (!existsSync(tar)) break;
      // On a busy machine the build may be done before the signal comes: then the file is whole, and it is tried again.
      await readOciImage(tar);
      for (const path of [bench.root, tar]) await rm(path, { recursive: true });
    }
    await until(() => processesOf(`sleep\0${endless}`).length === 0);
    assertSoundStore(bench.root);
    const mounts = readFileSync('/proc/mounts', 'utf8');
    assert.not.match(mounts, bench.root);
    await bench.write({ Dockerfile: 'FROM base\nCOPY big /big\nRUN wc -l < /big > /lines\n' });
    assert.is((await bench.image(['-t', 'fine:1'])).text('/lines'), '4000000\n');
  });
}

test('an interrupt ends a build with code 130', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: `FROM base\nRUN echo in the step; sleep ${endless}\n` });
  const child = startSlipway(['build', '--progress=plain', bench.base.flag, bench.context], {
    root: bench.root,
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    // Once: a second one ends it out of hand.
    if (!child.killed && /^#\d+ [\d.]+ in the step$/m.test(said)) child.kill('SIGINT');
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  assert.is(code, 130);
  assert.equal(processesOf(endless), []);
  assertSoundStore(bench.root);
  await assertNextBuildIsFine(bench);
});

test('a current folder that is gone is told as that', async () => {
  await using dir = await tempDir();
  const main = join(top, 'dist/cli/main.js');
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" version';
  const { code, stderr } = await runCommand(['sh', '-c', script, process.execPath, main], { cwd: dir.path });
  assert.is(code, 2);
  assert.is(stderr, 'ERROR: the current folder is not there any more\nhint: change to another one: cd\n');
});

test.run();
