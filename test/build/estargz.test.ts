// compression=estargz, from the output's attribute to images that other tools read.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type OciImage, readOciImage } from '../support/oci-image.ts';
import { openWithPeers, requirePeers } from '../support/peers.ts';
import { rejects } from '../support/rejects.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('build/estargz');

interface Bench extends TempDir {
  /** Builds on the base image into an OCI tar. */
  image(attributes: string, flags?: readonly string[]): Promise<OciImage & { tar: string; told: string }>;
}

async function bench(): Promise<Bench> {
  const dir = await tempDir();
  mkdirSync(dir.file('context'));
  const build = async (text: string, flags: readonly string[]): Promise<string> => {
    const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'] } });
    writeFileSync(dir.file('context/Dockerfile'), text);
    const common = ['--root', dir.file('state'), '--progress=plain'];
    await runBuild([...common, ...flags, dir.file('context')], session, createEngine);
    return session.err.text();
  };
  writeFileSync(dir.file('context/a'), 'a');
  writeFileSync(dir.file('context/big'), 'big'.repeat(2_000_000));
  await build('FROM scratch\nCOPY a /base\n', [`--output=type=oci,tar=false,dest=${dir.file('base')}`]);
  let images = 0;
  return {
    ...dir,
    async image(attributes, flags = []) {
      const tar = dir.file(`image-${images++}.tar`);
      const told = await build('FROM base\nCOPY a /d/a\nCOPY big /d/big\n', [
        ...[`--build-context=base=oci-layout://${dir.file('base')}`, ...flags],
        `--output=type=oci,dest=${tar}${attributes}`,
      ]);
      return { ...(await readOciImage(tar)), tar, told };
    },
  };
}

const toc = 'containerd.io/snapshot/stargz/toc.digest';

test('new layers are eStargz, told of in the manifest, and read by others', async () => {
  await using dir = await bench();
  const plain = await dir.image('');
  const image = await dir.image(',compression=estargz');
  assert.equal(image.manifest.layers[0], plain.manifest.layers[0]);
  const own = image.manifest.layers.slice(1);
  assert.is(own.length, 2);
  for (const { mediaType, annotations } of own) {
    assert.is(mediaType, 'application/vnd.oci.image.layer.v1.tar+gzip');
    assert.match(annotations?.[toc] ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.match(annotations?.['io.containers.estargz.uncompressed-size'] ?? '', /^\d+$/);
  }
  assert.is.not(image.config.rootfs.diff_ids[1], plain.config.rootfs.diff_ids[1]);
  assert.ok(image.files.has('/stargz.index.json'));
  assert.ok(image.files.has('/.no.prefetch.landmark'));

  const again = await dir.image(',compression=estargz');
  assert.is(again.digest, image.digest);
  if (!requirePeers()) return;
  const rootfs = join(await openWithPeers(image.tar, dir.file('peers')), 'rootfs');
  assert.is(readFileSync(join(rootfs, 'd/big'), 'utf8'), 'big'.repeat(2_000_000));
  assert.ok(existsSync(join(rootfs, 'base')));
});

test('force-compression is for the base, rewrite-timestamp for the files within, and a build on it goes on', async () => {
  await using dir = await bench();
  const image = await dir.image(',compression=estargz,force-compression=true,rewrite-timestamp=true', [
    '--source-date-epoch=1000000000',
  ]);
  assert.ok(image.manifest.layers.every(({ annotations }) => annotations?.[toc] !== undefined));
  assert.is(image.files.get('/d/big')?.mtime.getTime(), 1_000_000_000_000);
  const other = await dir.image(',compression=estargz,compression-level=1');
  assert.is.not(other.digest, image.digest);
  assert.is(other.files.get('/d/big')?.content.toString(), 'big'.repeat(2_000_000));
});

test("Docker's media types have no place for what it needs", async () => {
  await using dir = await bench();
  await rejects(dir.image(',compression=estargz,oci-mediatypes=false'), 'ERR_USAGE', /needs annotations/);
});

test.run();
