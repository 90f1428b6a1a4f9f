import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemCode } from '../../src/errors.ts';
import { furnishRoot } from '../../src/runtime/furnish-root.ts';
import type { StepMount, StepSpec } from '../../src/seams.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('furnish root');
const it = requireFeature('root', process.getuid?.() === 0) ? test : test.skip;
const never = new AbortController().signal;
const failure = (work: PromiseLike<unknown>): PromiseLike<string | undefined> =>
  work.then(() => 'nothing failed', systemCode);
const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** A step with a root of two folders, and no scratch folder yet. */
function makeStep(dir: TempDir, mounts: StepMount[] = []): StepSpec {
  for (const name of ['root/dev', 'root/etc']) mkdirSync(dir.file(name), { recursive: true });
  const process = { argv: ['true'], env: [], cwd: '/', uid: 0, gid: 0, groups: [] };
  return {
    ...{ root: { type: 'directory', path: dir.file('root') }, process, mounts, hostname: 'x' },
    ...{
      network: 'default',
      security: 'sandbox',
      shmSize: undefined,
      ulimits: [],
      scratch: dir.file('scratch'),
    },
  };
}

it('a place that nothing can be moved away from is let go of', async () => {
  await using dir = await tempDir();
  const step = makeStep(dir);
  const before = descriptors();
  assert.is(await failure(furnishRoot(step, never)), 'ENOENT');
  assert.is(descriptors(), before);
  assert.equal(readdirSync(dir.file('root')).sort(), ['dev', 'etc']);
});

it('where one thing can’t be taken out, the others are, and all places are let go of', async () => {
  await using dir = await tempDir();
  mkdirSync(dir.file('cache'));
  writeFileSync(dir.file('cache/kept'), 'kept');
  const mount: StepMount = {
    ...{ type: 'bind', source: dir.file('cache'), target: '/etc/cache', readonly: false, movable: true },
  };
  const step = makeStep(dir, [mount, { type: 'tmpfs', target: '/etc/tmp', size: undefined }]);
  mkdirSync(step.scratch);
  const before = descriptors();
  const furniture = await furnishRoot(step, never);
  assert.is(existsSync(dir.file('cache')), false);
  rmSync(step.scratch, { recursive: true });
  assert.is(await failure(furniture[Symbol.asyncDispose]()), 'ENOENT');
  assert.is(descriptors(), before);
  assert.is(readFileSync(dir.file('cache/kept'), 'utf8'), 'kept');
});

test.run();
