// The same builds under each snapshotter: their layers are equal to the byte, and one state folder serves them all.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeErofs } from '../../src/snapshot/probe-erofs.ts';
import { rawTar } from '../layer/tar-build.ts';
import { top } from '../support/cli.ts';
import { type Files, readOciImage } from '../support/oci-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, runCommand } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e/snapshotters');
const erofs = (await probeErofs(tmpdir())) !== undefined;
const env = { SOURCE_DATE_EPOCH: '1700000000' };

/** Nothing is written to a file with links below: overlayfs parts the names then, and a copy does not. Deletions, hard links, devices, folders that are replaced, modes and owners, long names; what is made is read again from below. */
const dockerfile = `FROM base AS one
COPY tree /tree
RUN echo made >/made && rm /tree/gone && chmod 4750 /tree/kept && chown 12:34 /tree/kept && ln /tree/kept /tree/linked
RUN rm -r /tree/dir && mkdir /tree/dir && echo new >/tree/dir/new && mv /tree/empty /tree/moved
RUN mkfifo -m 600 /tree/pipe && mknod /tree/null c 1 3 && ln -s dir/new /tree/symlink && touch -h /tree/symlink
RUN echo more >>/made && rm -rf /tree/dir/.hidden && touch /tree/dir && chmod 1777 /tree/dir
RUN d=/deep && for i in 1 2 3 4; do d=$d/$(printf %060d $i); done && mkdir -p $d && echo deep >$d/file
FROM base
COPY --from=one --chown=5:6 /tree /copied
COPY --from=one /tree/dir/ /tree/link[e]d /deep /picked/
WORKDIR /app/here
RUN --mount=type=bind,from=one,target=/one cat /one/made /copied/dir/new >/read && rm -r /copied/dir && cp -a /one/tree/. /own
`;
const files = {
  Dockerfile: dockerfile,
  ...{
    'tree/gone': 'gone',
    'tree/kept': 'kept',
    'tree/dir/old': 'old',
    'tree/empty': '',
    'tree/dir/.hidden': 'x',
    // Some layers are worth a mount, others are not.
    'tree/large': 'large '.repeat(200_000),
  },
};

const check = (title: string, body: (bench: Workbench) => Promise<void>): void => {
  test(title, async () => {
    if (!requireFeature('erofs', erofs) || !requireWorkbench()) return;
    await using bench = await workbench(files);
    await body(bench);
  });
};

async function layersBy(
  bench: Workbench,
  snapshotter: string,
  options: { root: string; flags?: string[] },
): Promise<{ diffIDs: string[]; stderr: string; layers: Files[]; files: Files }> {
  const dest = bench.file('image.tar');
  const { stderr } = await bench.build(
    [...(options.flags ?? []), `--output=type=oci,dest=${dest},rewrite-timestamp=true`],
    { env: { ...env, SLIPWAY_SNAPSHOTTER: snapshotter }, root: options.root },
  );
  const image = await readOciImage(dest);
  return { diffIDs: image.config.rootfs.diff_ids, stderr, layers: image.layers, files: image.files };
}

const kinds = ['overlay', 'erofs', 'copy', 'auto'];

function expectEqual(made: readonly string[][]): void {
  for (const [at, layers] of made.entries()) assert.equal(layers, made[0], kinds[at]);
}

check('layers are equal, whichever made them', async (bench) => {
  const made: string[][] = [];
  for (const name of kinds) made.push((await layersBy(bench, name, { root: bench.file(name) })).diffIDs);
  assert.ok(made[0]!.length > 3);
  expectEqual(made);
});

check('what one made the others build upon', async (bench) => {
  const { root } = bench;
  const first = await layersBy(bench, 'erofs', { root });
  for (const [at, name] of ['overlay', 'copy', 'erofs', 'auto'].entries()) {
    const again = await layersBy(bench, name, { root });
    assert.match(again.stderr, / 0 ran\n/);
    assert.equal(again.diffIDs, first.diffIDs);
    await bench.write({ Dockerfile: `${dockerfile}RUN cat /copied/moved /own/linked >/step-${at}\n` });
    const more = await layersBy(bench, name, { root });
    assert.match(more.stderr, / 1 ran\n/);
    assert.equal(more.diffIDs.slice(0, -1), first.diffIDs);
    await bench.write({ Dockerfile: dockerfile });
  }
});

check('of attributes a layer keeps file capabilities, also of files that a step changes', async (bench) => {
  const attribute = { 'SCHILY.xattr.user.mine': 'some' };
  const capability = {
    'SCHILY.xattr.security.capability': Buffer.from(`0100000200040000${'0'.repeat(24)}`, 'hex'),
  };
  const tar = rawTar(
    { name: 'd/', type: '5', mode: 0o755, pax: attribute },
    { name: 'd/able', body: 'able', mode: 0o755, pax: { ...capability, ...attribute } },
    { name: 'd/plain', body: 'plain', pax: attribute },
  );
  writeFileSync(join(bench.context, 'attributes.tar'), tar);
  const lines = [
    'FROM base',
    'ADD attributes.tar /',
    'RUN chmod 711 /d/able /d/plain && mv /d/able /d/moved',
  ];
  await bench.write({ Dockerfile: `${lines.join('\n')}\nRUN touch /d\n` });
  const made: string[][] = [];
  for (const name of kinds) {
    const { diffIDs, layers } = await layersBy(bench, name, { root: bench.file(name) });
    made.push(diffIDs);
    const kept = layers.flatMap((files) =>
      [...files].flatMap(([path, { pax }]) =>
        Object.keys(pax).flatMap((key) => (key.startsWith('SCHILY.xattr.') ? [`${path} ${key}`] : [])),
      ),
    );
    const of = (path: string): string => `${path} SCHILY.xattr.security.capability`;
    assert.equal(kept, [of('d/able'), of('d/moved')], name);
  }
  expectEqual(made);
});

check('folders that are replaced or emptied hide what lay in them, in all that follows', async (bench) => {
  const steps = [
    'mkdir -p /a/deep /b /c/d && touch /a/old /a/deep/old /b/old /c/d/old',
    'rm -r /a && mkdir /a && touch /a/new && rm /b/old && mv /c /moved && mkdir -p /c/d',
    'rm -r /a && touch /a && rm -r /b && ln -s moved /b && rm -r /moved/d && mkdir -p /moved/d/more',
    'rm /a /b && mkdir -p /a/deep && mkdir /b && ls -R /a /b /c /moved >/listed',
  ];
  await bench.write({ Dockerfile: ['FROM base', ...steps.map((step) => `RUN ${step}`), ''].join('\n') });
  const made: string[][] = [];
  for (const name of kinds) {
    const { diffIDs, files } = await layersBy(bench, name, { root: bench.file(name) });
    made.push(diffIDs);
    const seen = [...files.keys()].filter((path) => /^\/(a|b|c|moved)(\/|$)/.test(path)).sort();
    assert.equal(seen, ['/a', '/a/deep', '/b', '/c', '/c/d', '/moved', '/moved/d', '/moved/d/more'], name);
    assert.not.match(files.get('/listed')!.content.toString(), /old|new/);
  }
  expectEqual(made);
});

check('layers are equal, whatever ran the steps and whatever they ran on', async (bench) => {
  if (!requireFeature('runc', findProgram('runc') !== undefined)) return;
  // On a mount that allows no programs util-linux takes the launcher's place.
  const closed = bench.file('noexec');
  mkdirSync(closed);
  assert.is((await runCommand(['mount', '--bind', closed, closed])).code, 0);
  try {
    assert.is((await runCommand(['mount', '-o', 'remount,bind,noexec', closed])).code, 0);
    const ways = [
      { isolation: 'sandbox', snapshotter: 'overlay', runtime: /^sandbox$/, root: bench.file('plain') },
      { isolation: 'oci', snapshotter: 'erofs', runtime: /^(crun|runc)$/, root: bench.file('oci') },
      { isolation: 'sandbox', snapshotter: 'overlay', runtime: /^unshare$/, root: join(closed, 'overlay') },
      { isolation: 'sandbox', snapshotter: 'copy', runtime: /^unshare$/, root: join(closed, 'copy') },
    ];
    const made: string[][] = [];
    for (const { isolation, snapshotter, runtime, root } of ways) {
      const flags = [`--isolation=${isolation}`];
      made.push((await layersBy(bench, snapshotter, { root, flags })).diffIDs);
      const { runtimes } = JSON.parse(readFileSync(join(root, 'probes-v1.json'), 'utf8'));
      const used = runtimes.find(({ works }: { works: boolean }) => works);
      assert.match(used.name, runtime);
    }
    assert.ok(made[0]!.length > 3);
    for (const other of made.slice(1)) assert.equal(other, made[0]);
  } finally {
    await runCommand(['umount', closed]);
  }
});

for (const isolation of ['oci', 'sandbox']) {
  check(`the quickstart has the same layers under each, with --isolation=${isolation}`, async (bench) => {
    const fixture = join(top, 'fixtures/quickstart');
    mkdirSync(bench.context, { recursive: true });
    for (const name of ['Dockerfile', 'render.sh', 'style.css', 'pages'])
      cpSync(join(fixture, name), join(bench.context, name), { recursive: true });
    const { code, stderr } = await runCommand(['node', join(fixture, 'base.mjs'), bench.file('site-base')]);
    assert.is(code, 0, stderr);
    const base = `--build-context=base=oci-layout://${bench.file('site-base')}:latest`;
    const made: string[][] = [];
    for (const name of kinds) {
      const root = bench.file(name);
      made.push((await layersBy(bench, name, { root, flags: [`--isolation=${isolation}`, base] })).diffIDs);
    }
    assert.ok(made[0]!.length > 3);
    expectEqual(made);
  });
}

test.run();
