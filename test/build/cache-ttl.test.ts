// --cache-ttl: what is too old runs anew and makes the image that was there.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBakeCommand } from '../../src/cli/commands/bake.ts';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('build/cache-ttl');

async function context(): Promise<TempDir> {
  const dir = await tempDir();
  mkdirSync(dir.file('context'));
  writeFileSync(dir.file('context/a'), 'a');
  writeFileSync(dir.file('context/Dockerfile'), 'FROM scratch\nWORKDIR /w\nCOPY a /a\n');
  return dir;
}

async function run(dir: TempDir, command: 'build' | 'bake', flags: string[]): Promise<string> {
  const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'] } });
  const common = ['--root', dir.file('state'), '--progress=plain', ...flags];
  if (command === 'build')
    await runBuild([...common, `--iidfile=${dir.file('id')}`, dir.file('context')], session, createEngine);
  else await runBakeCommand(common, session, createEngine);
  return /\d+ from the cache, \d+ ran/.exec(session.err.text())?.[0] ?? '';
}

test('steps that are too old run anew, once, and make the same image', async () => {
  await using dir = await context();
  assert.is(await run(dir, 'build', []), '0 from the cache, 2 ran');
  const id = readFileSync(dir.file('id'), 'utf8');
  assert.is(await run(dir, 'build', ['--cache-ttl=1h']), '2 from the cache, 0 ran');
  assert.is(await run(dir, 'build', ['--cache-ttl=1ns']), '0 from the cache, 2 ran');
  assert.is(readFileSync(dir.file('id'), 'utf8'), id);
  assert.is(await run(dir, 'build', ['--cache-ttl=1h']), '2 from the cache, 0 ran');
  assert.is(await run(dir, 'build', ['--cache-ttl=0']), '0 from the cache, 2 ran');
});

test('a bake takes it for all of its targets', async () => {
  await using dir = await context();
  writeFileSync(
    dir.file('docker-bake.hcl'),
    'target "default" {\n context = "context"\n output = ["type=cacheonly"]\n}\n',
  );
  await run(dir, 'bake', []);
  assert.is(await run(dir, 'bake', ['--cache-ttl=1h']), '2 from the cache, 0 ran');
  assert.is(await run(dir, 'bake', ['--cache-ttl=1ns']), '0 from the cache, 2 ran');
  assert.is(await run(dir, 'bake', ['--cache-ttl=0']), '0 from the cache, 2 ran');
});

test.run();
