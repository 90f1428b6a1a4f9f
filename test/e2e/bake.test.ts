// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Bakes: targets that share steps, targets that are contexts of others, matrices, Compose files, and what fails.
import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOciImage } from '../support/oci-image.ts';
import type { CommandResult } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e bake');

/** A target that has the busybox base as `base`, and its result as NAME.tar. */
const target = (bench: Workbench, name: string, attributes: string): string => `
target "${name}" {
  ${attributes}
  output = ["type=oci,dest=${name}.tar"]
}
target "_base" { contexts = { base = "oci-layout://${bench.base.path}:latest" } }
`;

async function bake(
  bench: Workbench,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const result = await bench.slipway(['bake', '--progress=plain', ...args], { cwd: bench.context, env });
  assert.is(result.code, 0, result.stderr);
  return result;
}

/** Commands print a text that their own line does not show. */
const count = (text: string, wanted: string): number =>
  text.split('\n').filter((line) => line.endsWith(` ${wanted}`)).length;

async function fileOf(bench: Workbench, tar: string, path: string): Promise<string | undefined> {
  return (await readOciImage(`${bench.context}/${tar}`)).files.get(path)?.content.toString();
}

test('a stage that two targets share runs once', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  const dockerfile =
    'FROM base AS shared\\nRUN echo on; echo ce; cat /proc/sys/kernel/random/uuid > /id\\nFROM shared AS one\\nRUN echo 1 > /n\\nFROM shared AS two\\nRUN echo 2 > /n';
  await bench.write({
    'docker-bake.hcl': `group "default" { targets = ["one", "two"] }
${target(bench, 'one', `inherits = ["_base"]\n dockerfile-inline = "${dockerfile}"\n target = "one"`)}
${target(bench, 'two', `inherits = ["_base"]\n dockerfile-inline = "${dockerfile}"\n target = "two"`)}`,
  });
  const { stderr } = await bake(bench, ['--metadata-file=metadata.json']);
  assert.is(count(stderr, 'ce'), 1, stderr);
  assert.match(stderr, /built 2 targets \(one, two\).*: 3 steps, 0 from the cache, 3 ran/);
  assert.is(await fileOf(bench, 'one.tar', '/n'), '1\n');
  assert.is(await fileOf(bench, 'two.tar', '/n'), '2\n');
  assert.is(await fileOf(bench, 'one.tar', '/id'), await fileOf(bench, 'two.tar', '/id'));
  const metadata = JSON.parse(readFileSync(`${bench.context}/metadata.json`, 'utf8'));
  assert.equal(Object.keys(metadata), ['one', 'two']);
  assert.match(metadata.one['containerimage.digest'], /^sha256:/);
  assert.match((await bake(bench)).stderr, /3 steps, 3 from the cache, 0 ran/);
});

test('steps that only look equal stay apart: another context, another secret, another size', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ 'a/f': 'a', 'b/f': 'b', s1: 'one', s2: 'two' });
  const inline =
    'FROM base\\nCOPY f /f\\nRUN --mount=type=secret,id=s cat /f > /out && df -k /dev/shm | tail -n 1 > /shm && md5sum /run/secrets/s >> /out';
  await bench.write({
    'docker-bake.hcl': `group "default" { targets = ["a", "b", "c"] }
${target(bench, 'a', `inherits = ["_base"]\n context = "a"\n dockerfile-inline = "${inline}"\n secret = ["id=s,src=s1"]`)}
${target(bench, 'b', `inherits = ["_base"]\n context = "b"\n dockerfile-inline = "${inline}"\n secret = ["id=s,src=s1"]`)}
${target(bench, 'c', `inherits = ["_base"]\n context = "a"\n dockerfile-inline = "${inline}"\n secret = ["id=s,src=s1"]\n shm-size = "1m"`)}`,
  });
  await bake(bench);
  assert.match((await fileOf(bench, 'a.tar', '/out')) ?? '', /^a/);
  assert.match((await fileOf(bench, 'b.tar', '/out')) ?? '', /^b/);
  assert.is.not(await fileOf(bench, 'a.tar', '/shm'), await fileOf(bench, 'c.tar', '/shm'));
});

test("a target is another's base, and its files are to be copied; nothing else of it is exported", async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    'parent.Dockerfile':
      'FROM base\nARG SECRET=gone\nENV KEPT=yes\nWORKDIR /srv\nRUN echo made > file\nONBUILD RUN echo trigger > /trigger\n',
  });
  await bench.write({
    'docker-bake.hcl': `${target(bench, 'parent', 'inherits = ["_base"]\n dockerfile = "parent.Dockerfile"\n labels = { of = "parent" }')}
${target(bench, 'child', 'contexts = { parent = "target:parent" }\n dockerfile-inline = "FROM parent\\nRUN echo $KEPT $SECRET $(cat file) > /seen"')}
${target(bench, 'copy', 'inherits = ["_base"]\n contexts = { parent = "target:parent" }\n dockerfile-inline = "FROM base\\nCOPY --from=parent /srv/file /copied\\nRUN --mount=from=parent,target=/p cat /p/srv/file >> /copied"')}`,
  });
  const { stderr } = await bake(bench, ['child', 'copy']);
  assert.is(await fileOf(bench, 'child.tar', '/seen'), 'yes made\n');
  assert.is(await fileOf(bench, 'child.tar', '/trigger'), 'trigger\n');
  assert.is(await fileOf(bench, 'copy.tar', '/copied'), 'made\nmade\n');
  assert.not.ok(existsSync(`${bench.context}/parent.tar`));
  assert.match(stderr, /built 2 targets \(child, copy\)/);
  const { config } = await readOciImage(`${bench.context}/child.tar`);
  assert.equal(config.config?.Labels, { of: 'parent' });
  assert.is(config.config?.WorkingDir, '/srv');
});

test('targets of several platforms are linked platform by platform', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ f: 'text' });
  await bench.write({
    'docker-bake.hcl': `target "parent" {
  platforms = ["linux/amd64", "linux/arm64"]
  dockerfile-inline = "FROM scratch\\nARG TARGETARCH\\nENV ARCH=$TARGETARCH\\nCOPY f /f"
}
target "default" {
  platforms = ["linux/amd64", "linux/arm64"]
  contexts = { parent = "target:parent" }
  dockerfile-inline = "FROM parent\\nLABEL arch=$ARCH\\nCOPY --from=parent /f /g"
  output = ["type=oci,dest=out,tar=false"]
}
`,
  });
  const { stderr } = await bake(bench);
  assert.not.match(stderr, /warning/i);
  const blob = (digest: string) =>
    JSON.parse(readFileSync(`${bench.context}/out/blobs/${digest.replace(':', '/')}`, 'utf8'));
  const top = JSON.parse(readFileSync(`${bench.context}/out/index.json`, 'utf8'));
  const index = blob(top.manifests[0].digest);
  for (const { digest, platform } of index.manifests) {
    const config = blob(blob(digest).config.digest);
    assert.is(config.config.Labels.arch, platform.architecture);
    assert.ok(config.config.Env.includes(`ARCH=${platform.architecture}`));
  }
  assert.is(index.manifests.length, 2);
});

test('a matrix makes a target for each of its values', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nARG N\nRUN echo $N > /n\n' });
  await bench.write({
    'docker-bake.hcl': `target "default" {
  name = "app-\${n}"
  matrix = { n = ["1", "2", "3"] }
  inherits = ["_base"]
  args = { N = n }
  output = ["type=oci,dest=app-\${n}.tar"]
}
target "_base" { contexts = { base = "oci-layout://${bench.base.path}:latest" } }
`,
  });
  await bake(bench, ['--set', 'app-3.args.N=three']);
  for (const [n, text] of [
    ['1', '1\n'],
    ['2', '2\n'],
    ['3', 'three\n'],
  ] as const)
    assert.is(await fileOf(bench, `app-${n}.tar`, '/n'), text);
});

test('Compose: services with a build section, linked by service:', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    '.env': 'WHO=dotenv\n',
    'lib/Dockerfile': 'FROM base\nRUN echo lib > /lib.txt\n',
  });
  await bench.write({
    'compose.yaml': `services:
  lib:
    build:
      context: lib
      additional_contexts: { base: "oci-layout://${bench.base.path}:latest" }
      x-bake: { output: type=cacheonly }
  app:
    image: app:compose
    build:
      dockerfile_inline: |
        FROM lib
        ARG WHO
        RUN echo $$WHO $\${WHO} $$(cat /lib.txt) > /who
      args: [WHO]
      additional_contexts: { lib: "service:lib" }
      x-bake:
        output: type=oci,dest=app.tar
`,
  });
  await bake(bench);
  assert.is(await fileOf(bench, 'app.tar', '/who'), 'dotenv dotenv lib\n');
});

test('a step that fails names its target and its line; the others are stopped', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench();
  await bench.write({
    'docker-bake.hcl': `group "default" { targets = ["good", "bad"] }
${target(bench, 'good', 'inherits = ["_base"]\n dockerfile-inline = "FROM base\\nRUN sleep 60"')}
${target(bench, 'bad', 'inherits = ["_base"]\n dockerfile-inline = "FROM base\\nRUN echo why; exit 7"')}`,
  });
  const { code, stderr } = await bench.slipway(['bake', '--progress=plain', '--jobs=2'], {
    cwd: bench.context,
  });
  assert.is(code, 1, stderr);
  assert.match(stderr, /ERROR: target bad: .*7/);
  assert.match(stderr, /bad \(dockerfile-inline\):2\n-+\n.*FROM base\n.*>>> RUN echo why; exit 7/);
  assert.not.match(stderr, /\n\s+at .+:\d+:\d+/);
});

test('what a bake file says wrong is shown at its line', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    'docker-bake.hcl': 'target "default" {\n  tags = ["app:${TGA}"]\n}\nvariable "TAG" {}\n',
  });
  const { code, stderr } = await bench.slipway(['bake'], { cwd: bench.context });
  assert.is(code, 1, stderr);
  assert.match(stderr, /no variable "TGA"\ndocker-bake\.hcl:2\n[\s\S]*>>> .*tags[\s\S]*did you mean TAG\?/);
});

test.run();
