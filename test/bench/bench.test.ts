// The benchmark's harness: that it works, and that a builder which does something else is found out.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BenchResult } from '../../bench/result.ts';
import { haveBusybox } from '../support/busybox-base.ts';
import { top } from '../support/cli.ts';
import { hasDockerRegistry } from '../support/docker-registry.ts';
import { requirePeers } from '../support/peers.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type CommandResult, runCommand } from '../support/run-command.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('bench');
const main = join(top, 'dist/cli/main.js');

const requireAll = (): boolean =>
  requirePeers() &&
  requireFeature('busybox-static', haveBusybox) &&
  requireFeature('docker-registry', hasDockerRegistry());

const bench = (folder: string, ...words: string[]): Promise<CommandResult> =>
  runCommand([
    ...[process.execPath, '--import', 'tsx', join(top, 'bench/run.ts')],
    ...['--quick', '--peers=', `--work-dir=${folder}`, `--json=${join(folder, 'result.json')}`, ...words],
  ]);

const resultIn = (folder: string): BenchResult =>
  JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));

test('a scenario gives a time, the size of what was made, and a page', async () => {
  if (!requireAll()) return;
  if (!existsSync(main)) throw new Error('dist/cli/main.js is missing: run `npm run build` first');
  await using dir = await tempDir();
  const ran = await bench(dir.path, 'copy-many', `--html=${dir.file('page.html')}`);
  assert.is(ran.code, 0, ran.stdout + ran.stderr);
  const { scenarios } = resultIn(dir.path);
  assert.equal(
    scenarios.map(({ name }) => name),
    ['copy-many'],
  );
  const [subject] = scenarios[0]!.subjects;
  assert.is(subject!.samples.length, 1);
  assert.ok(subject!.samples[0]!.ms > 0);
  assert.ok(subject!.samples[0]!.bytes! > 1000);
  assert.match(readFileSync(dir.file('page.html'), 'utf8'), /<svg .*role="img"/);
});

test('a builder that leaves out a file fails the run, and its time does not count', async () => {
  if (!requireAll()) return;
  await using dir = await tempDir();
  const wrong = dir.file('wrong');
  const forget = 'for last; do :; done\nrm -f "$last/data/files/d0/e0/file-0.ts"';
  writeFileSync(wrong, `#!/bin/sh\n${forget}\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(wrong, 0o755);
  const ran = await bench(dir.path, 'copy-many', `--slipway=${wrong}`);
  assert.is(ran.code, 1, ran.stdout + ran.stderr);
  const [subject] = resultIn(dir.path).scenarios[0]!.subjects;
  assert.match(subject!.failed ?? '', /files of \/data: 299 .* not 300 /);
  assert.is(subject!.samples.length, 0);
});

test('a word that names no scenario is an error', async () => {
  await using dir = await tempDir();
  const ran = await bench(dir.path, 'nothing-of-the-kind');
  assert.is.not(ran.code, 0);
  assert.match(ran.stderr, /no scenario matches nothing-of-the-kind/);
});

test.run();
