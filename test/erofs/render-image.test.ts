import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blankNode } from '../../src/erofs/node.ts';
import { renderImage } from '../../src/erofs/render-image.ts';
import { pathBytes } from '../../src/fs/path-bytes.ts';
import { type Planned, plant } from './plant.ts';
import { readImage } from './read-image.ts';

const test = suite('erofs/render-image');

function render(planned: Planned, devices: readonly number[] = [1 << 30]) {
  const { nodes, root } = plant(planned);
  return readImage(Buffer.concat([...renderImage(nodes, { root, devices })]));
}

const directory = (children: Record<string, Planned> = {}): Planned => ({
  ...blankNode('dir'),
  mode: 0o755,
  children: new Map(Object.entries(children)),
});

type Image = ReturnType<typeof readImage>;

/** Everything that is said of a file, which must be in the image. */
function compare(image: Image, number: number, node: Planned, seen: Map<Planned, number>): void {
  assert.is(seen.get(node) ?? number, number, 'one file has one inode');
  if (seen.has(node)) return;
  seen.set(node, number);
  const read = image.inode(number);
  const { mode, uid, gid, mtime, xattrs, target, names } = read;
  const hex = Object.fromEntries(
    Object.entries(node.xattrs).map(([name, value]) => [name, value.toString('hex')]),
  );
  assert.equal(
    { mode: mode & 0o7777, uid, gid, mtime, xattrs, target },
    {
      mode: node.mode,
      uid: node.uid,
      gid: node.gid,
      mtime: BigInt(node.seconds) * 1_000_000_000n + BigInt(node.nanoseconds),
      xattrs: hex,
      target: node.linkTarget,
    },
  );
  if (node.type === 'file') {
    assert.is(read.size, node.content?.size ?? 0);
    if (read.size > 0) {
      const { device, offset } = node.content!;
      assert.equal({ device: read.content!.device, offset: read.content!.offset }, { device, offset });
    }
  }
  const children = node.children ?? new Map<string, Planned>();
  assert.equal([...names.keys()].sort(), [...children.keys()].sort());
  for (const [name, child] of children) compare(image, names.get(name)!, child, seen);
}

const metadata = {
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xfffffffe }),
  gid: fc.integer({ min: 0, max: 0xfffffffe }),
  seconds: fc.integer({ min: -(10 ** 9), max: 10 ** 10 }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  xattrs: fc.dictionary(
    fc.constantFrom('user.a', 'user.longer', 'security.capability', 'trusted.overlay.opaque'),
    fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
    { maxKeys: 3 },
  ),
};
const name = fc
  .oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ minLength: 200, maxLength: 255 }))
  .filter((text) => !/[/\0]|^\.{1,2}$/.test(text) && pathBytes(text).length <= 255);
const content = fc.record({
  device: fc.constantFrom(1, 2),
  offset: fc.integer({ min: 0, max: 1 << 20 }).map((block) => block * 512),
  size: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 2 ** 40 })),
});
const leaf: fc.Arbitrary<Planned> = fc.oneof(
  fc.record({ ...metadata, content }).map((fields) => ({ ...blankNode('file'), ...fields })),
  fc
    .record({ ...metadata, linkTarget: fc.string({ minLength: 1, maxLength: 900 }) })
    .map((fields) => ({ ...blankNode('symlink'), ...fields })),
  fc.record(metadata).map((fields) => ({ ...blankNode('fifo'), ...fields })),
);
const { tree } = fc.letrec<{ tree: Planned; node: Planned }>((tie) => ({
  node: fc.oneof({ maxDepth: 4 }, leaf, tie('tree')),
  tree: fc
    .record({
      ...metadata,
      children: fc.uniqueArray(fc.tuple(name, tie('node')), { maxLength: 12, selector: ([key]) => key }),
    })
    .map(({ children, ...fields }) => ({ ...blankNode('dir'), ...fields, children: new Map(children) })),
}));

test('what an image says is what it was made of', () => {
  fc.assert(
    fc.property(tree, (root) => {
      const image = render(root, [1 << 30, 512]);
      const seen = new Map<Planned, number>();
      compare(image, image.root, root, seen);
      assert.is(image.inodes, seen.size);
      assert.equal(image.devices, [(1 << 30) / 512, 1]);
    }),
    { seed: 4, numRuns: 60 },
  );
});

test('links are counted: names of a file, subdirectories of a directory', () => {
  const file = { ...blankNode('file'), mode: 0o644 };
  const root = directory({ a: file, b: directory({ c: file }), d: directory() });
  const image = render(root);
  const top = image.inode(image.root);
  assert.is(top.links, 4);
  assert.is(image.inode(top.names.get('a')!).links, 2);
  assert.is(image.inode(top.names.get('d')!).links, 2);
});

test('devices have their numbers as Linux packs them', () => {
  const node = { ...blankNode('block'), major: 0x123, minor: 0xabcde };
  const image = render(directory({ node }));
  assert.is(image.inode(image.inode(image.root).names.get('node')!).rdev, 0xabc123de);
});

test('large directories and many inodes come in pieces that fit together', () => {
  const children: Record<string, Planned> = {};
  for (let n = 0; n < 15_000; n++) children[`${n}-${'x'.repeat(n % 200)}`] = { ...blankNode('fifo'), uid: n };
  const many = directory(children);
  const root = directory({ many, next: directory({ file: blankNode('file') }) });
  const image = render(root);
  compare(image, image.root, root, new Map());
});

test('a name that no Linux can have is refused', () => {
  assert.throws(() => render(directory({ ['n'.repeat(256)]: blankNode('file') })), /256 bytes/);
});

test.run();
