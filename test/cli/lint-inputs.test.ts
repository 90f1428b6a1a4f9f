// What `slipway lint` looks at, where its configs lie, its baseline and its files of results.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runLint } from '../../src/cli/commands/lint.ts';
import { SlipwayError } from '../../src/errors.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('slipway lint: files');

const bad = 'FROM debian\n';

function write(dir: TempDir, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(dir.file(name)), { recursive: true });
    writeFileSync(dir.file(name), text);
  }
}

async function lint(dir: TempDir, argv: string[], { env = {}, cwd = dir.path } = {}) {
  const session = createTestSession({ cwd, env: { SLIPWAY_ROOT: dir.file('no-store'), ...env } });
  await runLint(argv, session);
  const out = session.out.text();
  return { out, err: session.err.text(), exitCode: session.failure.exitCode ?? 0, places: placesOf(out) };
}

const placesOf = (out: string) => out.split('\n').flatMap((line) => /^\S+ \S+(?= )/.exec(line)?.[0] ?? []);

test('a folder is searched for Dockerfiles by their names, but not what belongs to others', async () => {
  await using dir = await tempDir();
  write(dir, {
    Dockerfile: bad,
    'a/Containerfile': bad,
    'a/app.Dockerfile': bad,
    'a/Dockerfile.dev': bad,
    'a/b/web.dockerfile': bad,
    'a/Dockerfile.dockerignore': '*\n',
    'a/readme.md': bad,
    'node_modules/x/Dockerfile': bad,
    '.git/Dockerfile': bad,
    '.devcontainer/Dockerfile': bad,
  });
  const { places } = await lint(dir, ['.']);
  assert.equal(
    places.map((place) => place.split(':')[0]),
    [
      ...['.devcontainer/Dockerfile', 'Dockerfile', 'a/Containerfile', 'a/Dockerfile.dev'],
      ...['a/app.Dockerfile', 'a/b/web.dockerfile'],
    ],
  );
  assert.equal((await lint(dir, [])).places, places, 'no name is the current folder');
  assert.equal((await lint(dir, ['a/*.Dockerfile', 'a/app.Dockerfile'])).places, [
    'a/app.Dockerfile:1:6 DL3006',
  ]);
});

test('slipway.yaml is found above, and its patterns start from its folder', async () => {
  await using dir = await tempDir();
  write(dir, {
    'slipway.yaml':
      'lint:\n  exclude: [old]\n  include: ["**/*.docker"]\n  overrides: [{files: x/dev, rules: {DL3006: off}}]\n',
    'x/dev/Dockerfile': bad,
    'x/main.docker': bad,
    'old/Dockerfile': bad,
    'x/old/Dockerfile': bad,
  });
  const { places } = await lint(dir, ['.']);
  assert.equal(places, ['x/main.docker:1:6 DL3006', 'x/old/Dockerfile:1:6 DL3006']);
  const inner = await lint(dir, ['dev/Dockerfile', 'main.docker'], { cwd: dir.file('x') });
  assert.equal(inner.places, ['main.docker:1:6 DL3006']);
  assert.is((await lint(dir, ['--no-config', '.'])).places.length, 3);
});

test("hadolint's config and variables count unchanged", async () => {
  await using dir = await tempDir();
  write(dir, {
    Dockerfile: bad,
    '.hadolint.yaml': 'ignored: [DL3006]\n',
    'other.yml': 'failure-threshold: error\n',
  });
  assert.equal((await lint(dir, ['Dockerfile'])).places, []);
  assert.is((await lint(dir, ['Dockerfile'])).exitCode, 0);
  const other = await lint(dir, ['-c', 'other.yml', 'Dockerfile']);
  assert.equal([other.places.length, other.exitCode], [1, 0]);
  const env = { HADOLINT_NOFAIL: '1', HADOLINT_FORMAT: 'gnu' };
  const { out, exitCode } = await lint(dir, ['--no-config', 'Dockerfile'], { env });
  assert.match(out, /^slipway:Dockerfile:1:6: DL3006/);
  assert.is(exitCode, 0);
});

test('a mistake in a config names its place, a strange key is told of', async () => {
  await using dir = await tempDir();
  write(dir, {
    Dockerfile: bad,
    '.hadolint.yaml': 'ignore: [DL3006]\n',
    'slipway.yaml': 'lint:\n  rules: []\n',
  });
  try {
    await lint(dir, ['Dockerfile']);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, SlipwayError);
    assert.is((error as SlipwayError).place?.file, 'slipway.yaml');
    assert.is((error as SlipwayError).place?.range.start.line, 2);
  }
  write(dir, { 'slipway.yaml': '' });
  assert.match((await lint(dir, ['Dockerfile'])).err, /^\.hadolint\.yaml:1:1: warning: .*"ignore".*ignored/);
});

test('a baseline lets an old repository start green, survives moved lines, and says what is gone', async () => {
  await using dir = await tempDir();
  const old = 'FROM debian\nRUN cd /a\nRUN x\nRUN cd /a\n';
  write(dir, { 'x/Dockerfile': old, 'slipway.yaml': 'lint: {baseline: known.json}\n' });
  const written = await lint(dir, ['--write-baseline', '.']);
  assert.match(written.err, /known\.json: \d+ findings noted/);
  const green = await lint(dir, ['.']);
  assert.equal([green.places, green.exitCode], [[], 0]);
  assert.match(green.err, /more in the baseline/);
  write(dir, { 'x/Dockerfile': `# moved\n\n${old}EXPOSE 1\nRUN sudo x\n` });
  assert.equal(
    (await lint(dir, ['.'])).places.map((place) => place.split(' ')[1]),
    ['DL3004'],
  );
  write(dir, { 'x/Dockerfile': old.replace('RUN cd /a\n', '') });
  const { err, places } = await lint(dir, ['.'], {});
  assert.match(err, /known\.json: no longer found: x\/Dockerfile .*DL3003/);
  assert.equal(places, []);
  write(dir, { 'known.json': '{"version":2}' });
  try {
    await lint(dir, ['.']);
    assert.unreachable();
  } catch (error) {
    assert.match((error as SlipwayError).hint ?? '', /--write-baseline/);
  }
});

test('reports go into files, each in its format', async () => {
  await using dir = await tempDir();
  write(dir, { Dockerfile: bad });
  const argv = [
    '-f',
    'sarif',
    '-o',
    'lint.sarif',
    '-f',
    'json',
    '-o',
    'lint.json',
    '-f',
    'tty',
    'Dockerfile',
  ];
  const { places, exitCode } = await lint(dir, argv);
  assert.equal([places, exitCode], [['Dockerfile:1:6 DL3006'], 1]);
  const read = (name: string) => JSON.parse(readFileSync(dir.file(name), 'utf8'));
  assert.is(read('lint.sarif').version, '2.1.0');
  assert.is(read('lint.json')[0].code, 'DL3006');
  const renamed = await lint(dir, ['--file-path-in-report=app/Dockerfile', 'Dockerfile']);
  assert.equal(renamed.places, ['app/Dockerfile:1:6 DL3006']);
});

test("BuildKit's forms are those of build --check", async () => {
  await using dir = await tempDir();
  write(dir, { Dockerfile: 'FROM a:1\nMAINTAINER me\n' });
  const text = await lint(dir, ['--compat=buildkit', '-f', 'buildkit', 'Dockerfile']);
  assert.match(
    text.out,
    /^Check complete, 1 warning has been found!\n\nWARNING: MaintainerDeprecated - \S+\/maintainer-deprecated\/\n/,
  );
  assert.match(text.out, /Dockerfile:2\n-{20}\n {3}1 \| {5}FROM a:1\n {3}2 \| >>> MAINTAINER me\n/);
  const { out } = await lint(dir, ['--compat=buildkit', '-f', 'buildkit-json', 'Dockerfile']);
  const { warnings, sources } = JSON.parse(out);
  assert.is(warnings[0].ruleName, 'MaintainerDeprecated');
  assert.is(warnings[0].location.ranges[0].start.line, 2);
  assert.match(Buffer.from(sources[0].data, 'base64').toString(), /^FROM a:1/);
});

const compose = `services:
  web:
    build:
      args: {BASE: "debian:12"}
      dockerfile_inline: |
        ARG BASE=debian:11
        FROM $$BASE

        RUN sudo x
  api:
    build: {context: api, dockerfile: app.Dockerfile}
  db:
    image: postgres
`;
const bake = `variable "TAG" { default = "12" }
target "default" {
  dockerfile-inline = <<-EOT
    FROM debian:\${TAG}
    RUN sudo x
    EXPOSE 80
    RUN sudo y
  EOT
}
target "child" { inherits = ["default"] }
`;

test('Dockerfiles within Compose and bake files are linted in their places there', async () => {
  await using dir = await tempDir();
  const json = '{"target":{"x":{"dockerfile-inline":"FROM debian\\n"}}}';
  write(dir, {
    'compose.yaml': compose,
    'docker-bake.hcl': bake,
    'docker-bake.json': json,
    'api/app.Dockerfile': bad,
    'other/compose.yml': 'services: {db: {image: a}}\n',
  });
  assert.equal((await lint(dir, ['compose.yaml'])).places, [
    'compose.yaml:9:13 DL3004',
    'api/app.Dockerfile:1:6 DL3006',
  ]);
  assert.equal((await lint(dir, ['docker-bake.hcl'])).places, [
    'docker-bake.hcl:5:9 DL3004',
    'docker-bake.hcl:7:9 DL3004',
  ]);
  assert.equal((await lint(dir, ['docker-bake.json'])).places, ['docker-bake.json:1:17 DL3006']);
  const { places } = await lint(dir, ['.']);
  assert.is(places.length, 5);
});

test('a Compose file that can not be read is a finding with its place', async () => {
  await using dir = await tempDir();
  write(dir, { 'compose.yaml': 'services:\n  web:\n    build: {dockerfile_inline: [1]}\n' });
  const { places, exitCode } = await lint(dir, ['.']);
  assert.match(places[0] ?? '', /^compose\.yaml:3:\d+ DL1000$/);
  assert.is(exitCode, 1);
});

test('build arguments, and an ignore file beside, count', async () => {
  await using dir = await tempDir();
  write(dir, {
    Dockerfile: 'ARG TAG\nFROM debian:$TAG\nCOPY secret.txt /\n',
    '.dockerignore': 'secret.txt\n',
  });
  const codes = async (...argv: string[]) =>
    (await lint(dir, [...argv, 'Dockerfile'])).places.map((place) => place.split(' ')[1]);
  assert.ok((await codes()).includes('CopyIgnoredFile'));
  assert.ok((await codes('--build-arg', 'TAG=latest')).includes('DL3007'));
  assert.not.ok((await codes('--build-arg', 'TAG=12')).includes('DL3007'));
});

test.run();
