// Caches that machines share: what a new machine finds, what it fetches, and what it does when a cache fails it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { haveBusybox } from '../support/busybox-base.ts';
import { type CacheBench, cacheBench } from '../support/cache-bench.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('shared caches');
const uuid = 'cat /proc/sys/kernel/random/uuid';

const stages = {
  Dockerfile: [
    'FROM base AS one',
    'COPY a.txt /',
    `RUN ${uuid} > /id1`,
    'FROM base',
    `RUN ${uuid} > /id2`,
    'COPY --from=one /id1 /',
    'RUN cat /id1 /id2 > /both',
  ].join('\n'),
  'a.txt': 'a',
};

const to = (bench: CacheBench, name: string, more = ''): string =>
  `--cache-to=type=local,dest=${bench.file(name)}${more}`;
const from = (bench: CacheBench, name: string, more = ''): string =>
  `--cache-from=type=local,src=${bench.file(name)}${more}`;

async function failure(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; hint?: string | undefined }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isSlipwayError(error), String(error));
  return error;
}

test('with mode=max a new machine runs nothing, and makes the same image', async () => {
  await using bench = await cacheBench(stages);
  const first = await bench.build('a', [to(bench, 'kept', ',mode=max')]);
  assert.is(first.ran.length, 5);
  const second = await bench.build('b', [from(bench, 'kept')]);
  assert.equal(second.ran, []);
  assert.is(second.text('/both'), first.text('/both'));
  assert.match(second.log, /CACHED from .*kept/);
  const stage = await bench.build('c', [from(bench, 'kept'), '--target=one']);
  assert.equal(stage.ran, []);
});

test('with mode=min the result is found; a stage that is not in it runs anew', async () => {
  await using bench = await cacheBench(stages);
  const first = await bench.build('a', [to(bench, 'kept')]);
  const second = await bench.build('b', [from(bench, 'kept')]);
  assert.equal(second.ran, []);
  assert.is(second.text('/both'), first.text('/both'));
  const stage = await bench.build('c', [from(bench, 'kept'), '--target=one']);
  assert.equal(stage.ran, ['COPY a.txt /', `RUN ${uuid} > /id1`]);
  assert.match(stage.log, /2 steps, 0 from the cache, 2 ran/);
  assert.ok(stage.text('/id1').length > 30);
  const layers = (mode: string): number => readdirSync(bench.file(`${mode}/blobs/sha256`)).length;
  await bench.build('a', [to(bench, 'whole', ',mode=max')]);
  assert.ok(layers('whole') > layers('kept'));
});

test('what is changed at the end needs, in min mode, no stage that only lent it files', async () => {
  await using bench = await cacheBench(stages);
  await bench.build('a', [to(bench, 'kept')]);
  await bench.write({ Dockerfile: `${stages.Dockerfile} && echo more` });
  const second = await bench.build('b', [from(bench, 'kept')]);
  assert.equal(second.ran, ['RUN cat /id1 /id2 > /both && echo more']);
});

test('several caches are asked in turn; one that is missing or no cache is a warning', async () => {
  const files = { a: 'a', b: 'b', c: 'c' };
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /\nCOPY b /', ...files });
  await bench.build('a', [to(bench, 'one')]);
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY c /' });
  await bench.build('a', [to(bench, 'two')]);
  const stage = 'FROM scratch AS x\nCOPY c /';
  await bench.write({ Dockerfile: `${stage}\nFROM scratch\nCOPY a /\nCOPY b /\nCOPY --from=x /c /` });
  writeFileSync(bench.file('junk'), 'no folder');
  const sources = ['missing', 'one', 'junk', 'two'].map((name) => from(bench, name));
  const build = await bench.build('b', sources);
  assert.equal(build.ran, ['COPY --from=x /c /']);
  assert.match(build.log, /missing is not used: there is no such cache/);
});

test('exports into one place add up, and what nothing names goes', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a', b: 'b' });
  await bench.build('a', [to(bench, 'kept')]);
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY b /' });
  await bench.build('b', [to(bench, 'kept')]);
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY a /' });
  assert.equal((await bench.build('c', [from(bench, 'kept')])).ran, []);
  await bench.build('c', [to(bench, 'kept', ',reset=true')]);
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY b /' });
  assert.is((await bench.build('d', [from(bench, 'kept')])).ran.length, 1);
  // A layer, its key trees, the document of records, the manifest.
  assert.is(readdirSync(bench.file('kept/blobs/sha256')).length, 4);
});

test('a cache that has lost a layer, or has another in its place, costs a step and no build', async () => {
  await using bench = await cacheBench(stages);
  await bench.build('a', [to(bench, 'kept', ',mode=max')]);
  const folder = bench.file('kept/blobs/sha256');
  const names = readdirSync(folder);
  const isLayer = (name: string): boolean => readFileSync(`${folder}/${name}`)[0] === 0x1f;
  for (const [index, name] of names.filter(isLayer).entries()) {
    if (index % 2 === 0) rmSync(`${folder}/${name}`);
    else writeFileSync(`${folder}/${name}`, 'forged');
  }
  const build = await bench.build('b', [from(bench, 'kept')]);
  assert.ok(build.text('/both').includes(build.text('/id1')));
  assert.ok(build.ran.length >= 3, build.ran.join());
});

test('an export that fails fails the build, unless errors are to be ignored; a failed build exports nothing', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  writeFileSync(bench.file('file'), '');
  const error = await failure(bench.build('a', [to(bench, 'file/sub')]));
  assert.is(error.code, 'ERR_EXPORT');
  assert.match(error.message, /the cache can't be exported to .*file\/sub/);
  const build = await bench.build('a', [to(bench, 'file/sub', ',ignore-error=true')]);
  assert.match(build.log, /can't be exported/);
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY a /\nCOPY missing /' });
  await failure(bench.build('a', [to(bench, 'kept', ',mode=max')]));
  assert.not.ok(existsSync(bench.file('kept/index.json')));
  const blobs = bench.file('kept/blobs/sha256');
  assert.equal(existsSync(blobs) ? readdirSync(blobs) : [], []);
});

test('places that can not be are refused before anything is built', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const refused = async (flag: string): Promise<string> => (await failure(bench.build('a', [flag]))).code;
  assert.is(await refused('--cache-from=Not/A reference'), 'ERR_BAD_REFERENCE');
  assert.is(await refused(`--cache-to=registry.example.com/app@sha256:${'a'.repeat(64)}`), 'ERR_USAGE');
  const offline = ['--offline', '--cache-to=registry.example.com/app'];
  assert.is((await failure(bench.build('a', offline))).code, 'ERR_USAGE');
  const build = await bench.build('a', ['--offline', '--cache-from=registry.example.com/app']);
  assert.match(build.log, /--offline forbids it/);
});

test('machines that export to one place at the same time do not erase each other', async () => {
  const Dockerfile = ['a', 'b', 'c'].map((name) => `FROM scratch AS ${name}\nCOPY ${name} /`).join('\n');
  await using bench = await cacheBench({ Dockerfile, a: 'a', b: 'b', c: 'c' });
  const build = (target: string) => bench.build(target, [`--target=${target}`, to(bench, 'kept')]);
  await Promise.all([build('a'), build('b'), build('c')]);
  for (const target of ['a', 'b', 'c']) {
    const found = await bench.build('other', [`--target=${target}`, from(bench, 'kept')]);
    assert.equal(found.ran, [], target);
  }
});

test('targets of a bake export to one place without erasing each other', async () => {
  const Dockerfile = 'FROM scratch AS x\nCOPY a /\nFROM scratch AS y\nCOPY b /';
  await using bench = await cacheBench({ Dockerfile, a: 'a', b: 'b' });
  const target = (name: string): string =>
    `target "${name}" {
      context = "context"
      target = "${name}"
      output = ["type=cacheonly"]
      cache-to = ["type=local,dest=kept"]
      cache-from = [{ type = "local", src = "kept" }]
    }\n`;
  const group = 'group "default" { targets = ["x", "y"] }\n';
  writeFileSync(bench.file('docker-bake.hcl'), group + target('x') + target('y'));
  assert.match(await bench.bake('a'), /2 steps, 0 from the cache, 2 ran/);
  assert.match(await bench.bake('b'), /2 steps, 2 from the cache, 0 ran/);
});

test('zstd layers, an index instead of a manifest: whatever the form, it is read', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const forms = {
    zstd: ',compression=zstd',
    index: ',image-manifest=false',
    docker: ',oci-mediatypes=false',
    plain: ',compression=uncompressed',
  };
  await bench.build(
    'a',
    Object.entries(forms).map(([name, more]) => to(bench, name, more)),
  );
  for (const name of Object.keys(forms)) {
    const build = await bench.build(name, [from(bench, name)]);
    assert.equal(build.ran, [], name);
    assert.is(build.text('/a'), 'a');
  }
  await bench.build('a', [to(bench, 'zstd', ',compression=gzip,force-compression=true')]);
  const text = readFileSync(bench.file('zstd/index.json'), 'utf8');
  const [entry] = (JSON.parse(text) as { manifests: { digest: string }[] }).manifests;
  const manifest = readFileSync(bench.file(`zstd/blobs/sha256/${entry!.digest.slice(7)}`), 'utf8');
  assert.match(manifest, /tar\+gzip/);
});

if (requireFeature('busybox-static', haveBusybox)) test.run();
