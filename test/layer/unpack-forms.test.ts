// Random stacks of two layers look the same, unpacked over each other or mounted by overlayfs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { unpackLayer } from '../../src/layer/unpack.ts';
import { requireFeature } from '../support/require-feature.ts';
import { pieces, type RawEntry, rawTar } from './tar-build.ts';
import { statOf } from './tree-entries.ts';

const test = suite('layer/unpack forms');
const { signal } = new AbortController();
const base = mkdtempSync(join(tmpdir(), 'slipway-forms-'));
test.after(() => rmSync(base, { recursive: true }));

const path = fc
  .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const body = fc.constantFrom('one', 'two', 'three');
const content: fc.Arbitrary<RawEntry> = fc.oneof(
  fc.record({ name: path, body }),
  fc.record({ name: path.map((name) => `${name}/`), type: fc.constant('5'), mode: fc.constant(0o755) }),
);
const mark: fc.Arbitrary<RawEntry> = fc.oneof(
  path.map((name) => ({ name: name.replace(/[^/]*$/, '.wh.$&') })),
  path.map((name) => ({ name: `${name}/.wh..wh..opq` })),
);
const stack = fc.record({
  lower: fc.array(content, { minLength: 1, maxLength: 7 }),
  upper: fc.array(fc.oneof(content, mark), { minLength: 1, maxLength: 7 }),
});

/** False where the layer contradicts itself. */
async function unpacks(layer: RawEntry[], directory: string, lower?: string): Promise<boolean> {
  const isOverlay = !directory.endsWith('plain');
  try {
    await unpackLayer(pieces(rawTar(...layer)), directory, {
      form: isOverlay ? 'overlay' : 'plain',
      overlayXattr: 'trusted.overlay',
      signal,
      parent:
        lower === undefined ? undefined : (at) => (existsSync(lower + at) ? statOf(lower + at) : undefined),
    });
    return true;
  } catch (error) {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
    return false;
  }
}

test('both forms show the same files', async () => {
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  const mounted: string[] = [];
  for (const [index, { lower, upper }] of fc.sample(stack, { numRuns: 30, seed: 7 }).entries()) {
    const place = join(base, `${index}`);
    for (const name of ['', 'plain', 'lower', 'upper', 'merged']) mkdirSync(join(place, name));
    const plain = join(place, 'plain');
    const one = (await unpacks(lower, plain)) && (await unpacks(upper, plain));
    const other =
      (await unpacks(lower, join(place, 'lower'))) &&
      (await unpacks(upper, join(place, 'upper'), join(place, 'lower')));
    assert.is(one, other, JSON.stringify({ lower, upper }));
    if (one) mounted.push(place);
  }
  assert.ok(mounted.length > 8);
  const list = `find . -mindepth 1 -printf '%p %y\\n' | sort; find . -type f | sort | xargs -r grep -H .`;
  const script = `cd "$1" && mount -t overlay overlay -o lowerdir=upper:lower merged || exit 9
    (cd merged; ${list}) > one; (cd plain; ${list}) > other; diff one other >&2 || { echo "$1"; exit 1; }`;
  const result = spawnSync('unshare', ['-m', 'xargs', '-d', '\\n', '-n1', 'sh', '-c', script, '-'], {
    input: mounted.join('\n'),
    encoding: 'utf8',
  });
  if (!requireFeature('overlay', !/mount:/.test(result.stderr))) return;
  assert.is(`${result.stdout}${result.stderr}`, '');
});

test.run();
