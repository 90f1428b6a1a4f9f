// What buildah's flags change of an image: its times, its history, variables and labels, and what it is built on.
import { createReadStream, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type OciImage, readOciImage, readTar } from '../support/oci-image.ts';
import { rejects } from '../support/rejects.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('build/image-changes');

interface Bench extends TempDir {
  build(flags: readonly string[]): Promise<void>;
  image(flags?: readonly string[], dockerfile?: string): Promise<OciImage>;
}

/** Two base images of one file each. */
async function bench(dockerfile: string): Promise<Bench> {
  const dir = await tempDir();
  mkdirSync(dir.file('context'));
  for (const [name, time] of [
    ['early', 1000],
    ['late', 1_900_000_000],
  ] as const) {
    writeFileSync(dir.file(`context/${name}`), name);
    utimesSync(dir.file(`context/${name}`), time, time);
  }
  const build = async (text: string, flags: readonly string[]): Promise<void> => {
    const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'] } });
    writeFileSync(dir.file('context/Dockerfile'), text);
    await runBuild(
      ['--root', dir.file('state'), '--progress=plain', ...flags, dir.file('context')],
      session,
      createEngine,
    );
  };
  for (const name of ['one', 'two'])
    await build(`FROM scratch\nCOPY late /${name}\nLABEL of=${name} keep=yes\nENV NAME=${name}\n`, [
      `--output=type=oci,tar=false,dest=${dir.file(name)}`,
    ]);
  const bases = ['one', 'two'].map((name) => `--build-context=${name}=oci-layout://${dir.file(name)}`);
  let images = 0;
  return {
    ...dir,
    build: (flags) => build(dockerfile, [...bases, ...flags]),
    async image(flags = [], text = dockerfile) {
      const tar = dir.file(`image-${images++}.tar`);
      await build(text, [...bases, ...flags, `--output=type=oci,dest=${tar}`]);
      return readOciImage(tar);
    },
  };
}

const seconds = (image: OciImage, path: string): number =>
  (image.files.get(path)?.mtime.getTime() ?? 0) / 1000;
const day = '2017-07-14T02:40:00Z';

test('--timestamp is the time of the image, of its steps and of all their files', async () => {
  await using dir = await bench('FROM one\nCOPY early /e\nCOPY late /d/l\n');
  const image = await dir.image(['--timestamp=1500000000']);
  assert.equal(
    ['/one', '/e', '/d', '/d/l'].map((path) => seconds(image, path)),
    [1_900_000_000, 1_500_000_000, 1_500_000_000, 1_500_000_000],
  );
  assert.is(image.config.created, day);
  assert.equal(
    image.config.history.slice(-2).map(({ created }) => created),
    [day, day],
  );
  assert.is((await dir.image(['--timestamp=1500000000'])).digest, image.digest);
});

test('--source-date-epoch is the time of the image, and --rewrite-timestamp that of files that are younger', async () => {
  await using dir = await bench(
    'FROM one\nARG SOURCE_DATE_EPOCH\nCOPY early /e\nCOPY late /l\nLABEL at=$SOURCE_DATE_EPOCH\n',
  );
  const image = await dir.image(['--source-date-epoch=1500000000', '--rewrite-timestamp']);
  assert.is(image.config.created, day);
  assert.equal([seconds(image, '/e'), seconds(image, '/l')], [1000, 1_500_000_000]);
  assert.is(image.config.config.Labels?.['at'], '1500000000');
  const kept = await dir.image(['--source-date-epoch=1500000000']);
  assert.is(seconds(kept, '/l'), 1_900_000_000);
});

test('--created-annotation tells the time in the manifest', async () => {
  await using dir = await bench('FROM one\nCOPY early /e\n');
  const image = await dir.image(['--created-annotation', '--timestamp=1500000000']);
  assert.equal(image.manifest.annotations, { 'org.opencontainers.image.created': day });
  assert.is((await dir.image()).manifest.annotations, undefined);
});

test('--omit-history, --unsetenv and --unsetlabel leave out what they name', async () => {
  await using dir = await bench('FROM one\nENV A=1\nLABEL mine=1\nCOPY early /e\n');
  const image = await dir.image(['--unsetenv=NAME', '--unsetenv=A', '--unsetlabel=of', '--unsetlabel=none']);
  assert.not.match((image.config.config.Env ?? []).join(), /NAME=|A=1/);
  assert.match((image.config.config.Env ?? []).join(), 'PATH=');
  assert.equal(image.config.config.Labels, { keep: 'yes', mine: '1' });
  const given = await dir.image(['--unsetlabel=of', '--label=of=me']);
  assert.is(given.config.config.Labels?.['of'], 'me');
});

test('--omit-history leaves it out', async () => {
  await using dir = await bench('FROM one\nCOPY early /e\n');
  const tar = dir.file('image.tar');
  // The validator wants an entry for each layer: the config is read without it.
  await dir.build(['--omit-history', `--output=type=oci,dest=${tar}`]);
  const configs = [...(await readTar(createReadStream(tar))).values()]
    .map(({ content }) => content.toString())
    .filter((text) => text.startsWith('{') && text.includes('"rootfs"'));
  assert.is(configs.length, 1);
  assert.not.ok('history' in JSON.parse(configs[0]!));
});

test('--from takes the place of the first FROM, and of no other', async () => {
  await using dir = await bench('FROM one AS base\nCOPY early /e\nFROM one\nCOPY --from=base /e /e2\n');
  const first = await dir.image(['--from=two', '--target=base']);
  assert.equal([...first.files.keys()].sort(), ['/e', '/two']);
  const second = await dir.image(['--from=two']);
  assert.equal([...second.files.keys()].sort(), ['/e2', '/one']);
  const nothing = await dir.image(['--from=scratch', '--target=base']);
  assert.equal([...nothing.files.keys()], ['/e']);
});

test('what contradicts itself or is no time is refused', async () => {
  const refuse = (flags: string[], code: string, says: RegExp) =>
    rejects(runBuild([...flags, '.'], createTestSession(), createEngine), code, says);
  await refuse(['--timestamp=1', '--source-date-epoch=1'], 'ERR_USAGE', /two answers/);
  await refuse(['--timestamp=now'], 'ERR_USAGE', /no number of seconds/);
  await refuse(['--identity-label'], 'ERR_UNSUPPORTED', /--label/);
  await refuse(['--format=docker'], 'ERR_UNSUPPORTED', /oci-mediatypes=false/);
});

test.run();
