// What a build does before it enters a user namespace, with a namespace and an engine that are made up.
import { mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../src/cli/arguments.ts';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { readBuildRequest } from '../../src/cli/commands/read-build-request.ts';
import type { Progress } from '../../src/cli/progress/progress.ts';
import { buildOutsideIfCached, mayAllBeCached } from '../../src/cli/try-cache.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('cli/try-cache');
let dir: TempDir;
test.before(async () => {
  dir = await tempDir();
  mkdirSync(dir.file('state'));
  writeFileSync(dir.file('state/store.json'), '{}');
});
test.after(async () => {
  await dir[Symbol.asyncDispose]();
});

const requestOf = (...argv: string[]) =>
  readBuildRequest(parseArguments(buildFlags, argv, 'slipway build'), createTestSession({ cwd: dir.path }));
const warning = (message: string) => ({ type: 'warning', message, hint: undefined, time: 0 }) as const;

interface Tried {
  /** Warnings that were shown, how it ended, and when the namespace was entered. */
  seen: string[];
  result: string;
}

async function tried(
  build: (progress: Progress, onAllCached?: () => void) => Promise<string>,
  { argv = ['.'], signal = new AbortController().signal, root = 'state' } = {},
): Promise<Tried> {
  const seen: string[] = [];
  const session = createTestSession({
    signal,
    enterIfNeeded: async () => void seen.push('entered'),
  });
  const progress: Progress = {
    onEvent: (event) => void (event.type === 'warning' && seen.push(event.message)),
    finish: ({ status }) => void seen.push(status),
  };
  const request = requestOf(...argv);
  const given = { request, root: dir.file(root), session, progress };
  const result = await buildOutsideIfCached(build, given).catch((error: Error) => error.message);
  return { seen, result };
}

test('what is told before all is known to be cached is shown then, and nobody enters', async () => {
  const { seen, result } = await tried(async (progress, onAllCached) => {
    progress.onEvent(warning('one'));
    onAllCached?.();
    progress.onEvent(warning('two'));
    progress.finish({ status: 'done' });
    return 'built';
  });
  assert.equal([seen, result], [['one', 'two', 'done'], 'built']);
});

test('a miss, and whatever else is wrong, is forgotten: the build begins anew in the namespace', async () => {
  const { seen, result } = await tried(async (progress, onAllCached) => {
    progress.onEvent(warning(onAllCached ? 'outside' : 'inside'));
    progress.finish({ status: onAllCached ? 'failed' : 'done' });
    if (onAllCached) throw new Error('no');
    return 'built';
  });
  assert.equal([seen, result], [['entered', 'inside', 'done'], 'built']);
});

test('what goes wrong afterwards is an error like all others', async () => {
  const { seen, result } = await tried(async (progress, onAllCached) => {
    onAllCached?.();
    progress.finish({ status: 'failed' });
    throw new Error('the disk is full');
  });
  assert.equal([seen, result], [['failed'], 'the disk is full']);
});

test('who interrupts it sees what was done, and enters nothing', async () => {
  const { seen, result } = await tried(
    async (progress) => {
      progress.onEvent(warning('one'));
      progress.finish({ status: 'canceled' });
      throw new Error('interrupted');
    },
    { signal: AbortSignal.abort() },
  );
  assert.equal([seen, result], [['one', 'canceled'], 'interrupted']);
});

test('no try is made where there is no cache yet', async () => {
  const build = async (_: Progress, onAllCached?: () => void) => (onAllCached ? 'outside' : 'inside');
  assert.is((await tried(build)).result, 'outside');
  assert.equal(await tried(build, { root: 'nowhere' }), { seen: ['entered'], result: 'inside' });
  assert.equal(await tried(build, { argv: ['--no-cache', '.'] }), { seen: ['entered'], result: 'inside' });
});

test('all may be cached unless more is asked for than a cache has, or what can be read but once', () => {
  const may = (...argv: string[]) => mayAllBeCached(requestOf(...argv));
  for (const argv of [
    ['.'],
    ['-t', 'app', '--build-arg=A=1', '--target=x', '.'],
    ['-o', 'type=oci,dest=x.tar', '.'],
    ['-o', 'type=docker,dest=-', '.'],
  ])
    assert.ok(may(...argv), argv.join(' '));
  for (const argv of [
    ['-'],
    ['-f-', '.'],
    ['-f', '/dev/null', '.'],
    ['https://example.com/x.git'],
    ['--no-cache', '.'],
    ['--pull', '.'],
    ['--no-cache-filter=x', '.'],
    ['--cache-from=type=local,src=c', '.'],
    ['--cache-to=type=local,dest=c', '.'],
    ['-o', 'out', '.'],
    ['--push', '-t', 'registry.example.com/app', '.'],
    ['--squash', '.'],
    ['--sbom=true', '.'],
    ['--provenance=true', '.'],
    ['--secret=id=x,src=/dev/stdin', '.'],
  ])
    assert.not(may(...argv), argv.join(' '));
});

test.run();
