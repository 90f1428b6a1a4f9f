// Archives made to do harm: whatever they say, what lies outside the root stays as it is.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { readNames } from '../../src/fs/path-bytes.ts';
import { type UnpackResult, unpackLayer } from '../../src/layer/unpack.ts';
import { pieces, type RawEntry, rawTar } from './tar-build.ts';
import { statOf } from './tree-entries.ts';

const isRoot = process.getuid?.() === 0;
const base = mkdtempSync(join(tmpdir(), 'slipway-attack-'));
const { signal } = new AbortController();
const test = suite('layer/unpack attacks');
test.after(() => {
  // Without root, what was unpacked may forbid its removal.
  spawnSync('chmod', ['-R', 'u+rwX', base]);
  rmSync(base, { recursive: true });
});

function unpack(root: string, bytes: Buffer, options: { form: 'overlay' | 'plain' }): Promise<UnpackResult> {
  return unpackLayer(pieces(bytes, 5000), root, {
    ...options,
    overlayXattr: isRoot ? 'trusted.overlay' : 'user.overlay',
    signal,
    owners: isRoot ? 'exact' : 'if-allowed',
  });
}

const file = (name: string, body = name): RawEntry => ({ name, body });
const dir = (name: string): RawEntry => ({ name: `${name}/`, type: '5', mode: 0o755 });

/** A root with a sentinel beside it, and one in a directory beside it. */
function makePlace(): { place: string; root: string; look(): unknown } {
  const place = mkdtempSync(join(base, 'place-'));
  mkdirSync(join(place, 'root'));
  mkdirSync(join(place, 'outside'));
  for (const name of ['outside/sentinel', 'sentinel'])
    writeFileSync(join(place, name), 'untouched', { mode: 0o640 });
  const look = (): unknown =>
    ['sentinel', 'outside', 'outside/sentinel'].map((name) => {
      const path = join(place, name);
      return [statOf(path), statOf(path).type === 'file' ? readFileSync(path, 'utf8') : readNames(path)];
    });
  return { place, root: join(place, 'root'), look };
}

function attack(title: string, entries: (RawEntry | Buffer)[], expected: 'refused' | 'contained'): void {
  for (const form of ['overlay', 'plain'] as const) {
    test(`attack, ${form}: ${title} is ${expected}`, async () => {
      const { place, root, look } = makePlace();
      const before = look();
      const located = entries.map((entry) => {
        if (Buffer.isBuffer(entry)) return entry;
        const here = (text: RawEntry['link']) => `${text ?? ''}`.replace('PLACE', place);
        return { ...entry, name: here(entry.name), link: here(entry.link) };
      });
      const error = await unpack(root, rawTar(...located), { form }).catch((caught: unknown) => caught);
      assert.equal(look(), before);
      assert.equal(readNames(place), ['outside', 'root', 'sentinel']);
      if (expected === 'contained') assert.not.ok(isSlipwayError(error), String(error));
      else assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
    });
  }
}

const link = (name: string, target: string): RawEntry => ({ name, type: '2', link: target });
const hard = (name: string, target: string): RawEntry => ({ name, type: '1', link: target });

attack('a name with ..', [file('../sentinel')], 'refused');
attack('a name with .. further in', [file('a/../../sentinel')], 'refused');
attack('an absolute name', [file('PLACE/sentinel')], 'contained');
attack('writing through a link', [link('a', 'PLACE/sentinel'), file('a', 'evil')], 'contained');
attack('writing through a relative link', [link('a', '../sentinel'), file('a', 'evil')], 'contained');
attack(
  'a directory over a link',
  [link('a', 'PLACE/outside'), { ...dir('a'), mode: 0o777 }, file('a/sentinel', 'evil')],
  'contained',
);
attack(
  'a parent that links out of the root',
  [link('a', 'PLACE/outside'), file('a/sentinel', 'evil')],
  'contained',
);
attack(
  'a parent that links out through ..',
  [link('a', '../outside'), file('a/sentinel', 'evil')],
  'contained',
);
attack(
  'a chain of links out of the root',
  [link('a', 'b/..'), link('b', '../..'), file('a/outside/sentinel', 'evil')],
  'contained',
);
attack('links that go round in circles', [link('a', 'b'), link('b', 'a'), file('a/x')], 'refused');
attack('a hard link to .. ', [hard('a', '../sentinel'), file('a', 'evil')], 'refused');
attack('a hard link to an absolute name', [hard('a', 'PLACE/sentinel')], 'refused');
attack('a hard link through a link', [link('l', 'PLACE/outside'), hard('a', 'l/sentinel')], 'refused');
attack(
  'a hard link to a link, then a mode',
  [link('l', '../sentinel'), hard('a', 'l'), { ...hard('b', 'a'), mode: 0o777 }],
  'contained',
);
attack('a hard link to nothing', [hard('a', 'absent')], 'refused');
attack('a hard link to a directory', [dir('d'), hard('a', 'd')], 'refused');
attack('a whiteout of ..', [file('.wh...', '')], 'refused');
attack('a whiteout of .', [file('d/.wh..', '')], 'refused');
attack('a whiteout of nothing', [file('.wh.', '')], 'refused');
attack('a whiteout through a link', [link('a', 'PLACE/outside'), file('a/.wh.sentinel', '')], 'contained');
attack(
  'an opaque mark through a link',
  [link('a', 'PLACE/outside'), file('a/.wh..wh..opq', '')],
  'contained',
);
attack('a whiteout above the root', [file('../.wh.sentinel', '')], 'refused');
attack(
  'a directory that becomes a link before its time is set',
  [dir('d'), dir('d/sub'), link('d', 'PLACE/outside'), file('e')],
  'contained',
);
attack(
  'a directory below that becomes a link',
  [dir('outside'), dir('outside/outside'), link('outside', 'PLACE')],
  'contained',
);
attack(
  'a directory in use that becomes a link',
  [dir('d'), file('d/x'), link('d', 'PLACE/outside'), file('d/sentinel', 'evil')],
  'contained',
);
attack(
  'a directory in use, through a link, that becomes a link',
  [dir('d'), link('l', 'd'), file('l/x'), link('d', 'PLACE/outside'), file('l/sentinel', 'evil')],
  'contained',
);
attack(
  'an attribute on a link',
  [link('a', 'PLACE/sentinel'), { ...link('a', 'PLACE/sentinel'), pax: { 'SCHILY.xattr.user.a': 'x' } }],
  'contained',
);
attack('a link as the root', [link('.', 'PLACE/outside'), file('sentinel')], 'refused');
attack('a file as a parent', [file('a'), file('a/b')], 'refused');
attack('a link without a target', [link('a', '')], 'refused');
attack('a name of a hundred thousand parts', [{ name: 'x', pax: { path: 'a/'.repeat(100_000) } }], 'refused');
attack('a part that is longer than names can be', [{ name: 'x', pax: { path: 'a'.repeat(300) } }], 'refused');
attack('a header of four gigabytes', [{ name: 'x', type: 'x', size: 2 ** 32 }], 'refused');
attack('a wrong checksum', [{ ...file('a'), checksumError: 1 }], 'refused');
attack('a body that ends early', [{ name: 'a', size: 1 << 20 }], 'refused');
attack(
  'a sparse file of a petabyte',
  [{ name: 'a', pax: { 'GNU.sparse.map': '', 'GNU.sparse.size': `${2 ** 50}` } }],
  'refused',
);
if (isRoot) {
  attack(
    'a device over a file',
    [file('a'), { name: 'a', type: '3', major: 1, minor: 3 }, file('a', 'x')],
    'contained',
  );
  attack('a device that can not be', [{ name: 'a', type: '3', major: 0o77777, minor: 3 }], 'refused');
}

test('no sequence of entries gets out of the root, or fails with anything but what it says', async () => {
  const { root, look, place } = makePlace();
  const before = look();
  const part = fc.constantFrom(
    'a',
    'b',
    '..',
    '.',
    'outside',
    'sentinel',
    '.wh.a',
    '.wh..wh..opq',
    '.wh.sentinel',
  );
  const path = fc
    .tuple(
      fc.constantFrom('', '', '', '/', '../', `${place}/`),
      fc.array(part, { minLength: 1, maxLength: 4 }),
    )
    .map(([start, parts]) => start + parts.join('/'));
  const entry = fc.record({
    name: path,
    type: fc.constantFrom('0', '0', '1', '2', '2', '5', '5', '6'),
    link: path,
    body: fc.constant('x'),
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('overlay' as const, 'plain' as const),
      async (entries, form) => {
        const target = join(root, '..', `root/${count++}`);
        mkdirSync(target);
        const raw = entries.map(({ body, ...rest }) => (rest.type === '0' ? { ...rest, body } : rest));
        const error = await unpack(target, rawTar(...raw), { form }).catch((caught: unknown) => caught);
        if (error instanceof Error)
          assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
        assert.equal(look(), before);
        assert.equal(readNames(place), ['outside', 'root', 'sentinel']);
      },
    ),
    { numRuns: 300, seed: 6 },
  );
  assert.is(readNames(root).length, count);
});

test.run();
