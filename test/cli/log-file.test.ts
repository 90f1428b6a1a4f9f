// --logfile: the progress of a build in files that can be read while it runs, one for each platform with --logsplit.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { openLogFile } from '../../src/cli/progress/log-file.ts';
import { SlipwayError } from '../../src/errors.ts';
import { createEngine } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('cli/log-file');
const folder = mkdtempSync(join(tmpdir(), 'slipway-log-'));
test.after(() => rmSync(folder, { recursive: true }));

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

function open(name: string, split = false) {
  return openLogFile({
    path: name.startsWith('/') ? name : join(folder, name),
    mode: 'plain',
    split,
    columns: () => 80,
    rows: () => 24,
    color: false,
    now: () => 1000,
    every: () => () => {},
  });
}

test('lines can be read while the build runs', () => {
  writeFileSync(join(folder, 'a.log'), 'of an earlier build');
  using log = open('a.log');
  log.progress.onEvent({ type: 'started', vertex: { id: 'v', name: '[1/1] RUN make' }, time: 1000 });
  log.progress.onEvent({ type: 'log', id: 'v', stream: 'stdout', data: Buffer.from('hello\n'), time: 1100 });
  assert.is(read('a.log'), '#1 [1/1] RUN make\n#1 0.100 hello\n');
  log.progress.onEvent({ type: 'done', id: 'v', time: 2000 });
  log.progress.finish({ status: 'done', summary: 'built' });
  assert.match(read('a.log'), /#1 DONE 1.0s\n\nbuilt\n$/);
  // Output of steps may hold what is nobody else's business.
  using other = open('b.log');
  assert.is(statSync(join(folder, 'b.log')).mode & 0o777, 0o600);
  other.progress.finish({ status: 'failed' });
});

test('each platform has a file, and a step of several is in all of them', () => {
  using log = open('s.log', true);
  const start = (id: string, platforms: string[]) =>
    log.progress.onEvent({ type: 'started', vertex: { id, name: `step ${id}`, platforms }, time: 1000 });
  start('a', ['linux/amd64']);
  start('b', ['linux/arm/v7']);
  start('c', ['linux/amd64', 'linux/arm/v7']);
  log.progress.onEvent({ type: 'started', vertex: { id: 'd', name: 'export' }, time: 1000 });
  for (const id of ['a', 'b', 'c', 'd']) log.progress.onEvent({ type: 'done', id, time: 1000 });
  log.progress.finish({ status: 'done', summary: 'built' });
  const names = (name: string) => [...read(name).matchAll(/^#\d+ (step .|export)$/gm)].map((one) => one[1]);
  assert.equal(names('s.log'), ['export']);
  assert.equal(names('s.log_linux_amd64'), ['step a', 'step c']);
  assert.equal(names('s.log_linux_arm_v7'), ['step b', 'step c']);
  assert.match(read('s.log'), 'built');
});

test('a file that can not be opened is an error before anything is done', () => {
  mkdirSync(join(folder, 'dir'));
  for (const [name, why] of [
    ['none/x.log', 'there is no such folder'],
    ['dir', 'it is a folder'],
  ] as const) {
    assert.throws(
      () => open(name),
      (error: unknown) =>
        error instanceof SlipwayError && error.code === 'ERR_EXPORT' && error.message.endsWith(why),
    );
  }
});

test('a full disk stops the build, and is what it fails with', () => {
  if (!requireFeature('/dev/full', existsSync('/dev/full'))) return;
  using log = open('/dev/full');
  assert.not.ok(log.failed.aborted);
  log.progress.onEvent({ type: 'started', vertex: { id: 'v', name: 'RUN make' }, time: 1000 });
  assert.ok(log.failed.aborted);
  assert.is(log.failed.reason.code, 'ERR_DISK_FULL');
  assert.throws(() => log.progress.finish({ status: 'done' }), /no space is left/);
});

test('a build of two platforms writes three files and nothing to the terminal', async () => {
  const context = join(folder, 'context');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nARG TARGETARCH\nCOPY x /$TARGETARCH\n');
  writeFileSync(join(context, 'x'), 'x');
  const session = createTestSession({ cwd: folder, env: { PATH: process.env['PATH'] } });
  const flags = ['--platform=linux/amd64,linux/arm64', '--logfile=build.log', '--logsplit', '-o', 'out'];
  await runBuild(['--root', join(folder, 'state'), ...flags, context], session, createEngine);
  assert.is(session.err.text(), '');
  assert.match(read('build.log'), 'load build definition');
  assert.match(read('build.log'), /\nbuilt sha256:/);
  assert.match(read('build.log_linux_amd64'), /\[linux\/amd64 .*COPY/);
  assert.not.match(read('build.log_linux_amd64'), /arm64/);
  assert.match(read('build.log_linux_arm64'), /\[linux\/arm64 .*COPY/);
});

test('--logsplit is nothing without --logfile', async () => {
  const session = createTestSession();
  try {
    await runBuild(['--logsplit', '.'], session, createEngine);
  } catch (error) {
    assert.is((error as SlipwayError).code, 'ERR_USAGE');
    assert.match((error as SlipwayError).message, '--logsplit needs --logfile');
    return;
  }
  assert.unreachable();
});

test.run();
