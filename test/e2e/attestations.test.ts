// Attestations of real builds: stored beside the image as other tools read them, written beside files, the same twice.
import { readFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readAttestations, type StatementJson } from '../support/attestations.ts';
import { addMultiPlatformIndex } from '../support/busybox-base.ts';
import { readOciImage, readTar } from '../support/oci-image.ts';
import { mustRun } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e attestations');
const epoch = { env: { SOURCE_DATE_EPOCH: '1700000000' } };
const slsa = 'https://slsa.dev/provenance/v1';
const spdx = 'https://spdx.dev/Document';

const sample = (): Promise<Workbench> =>
  workbench({
    'modules/left-pad/package.json': '{"name":"left-pad","version":"1.3.0","license":"MIT"}',
    token: 'the-secret-value',
    Dockerfile: `FROM base AS tools
ARG BUILDKIT_SBOM_SCAN_STAGE=true
COPY modules /tools/node_modules
FROM base AS unused
ARG BUILDKIT_SBOM_SCAN_STAGE=true
RUN false
FROM base
ARG WORD=none
COPY --from=tools /tools/node_modules/left-pad /app/node_modules/left-pad
RUN --mount=type=secret,id=token echo $WORD > /made && test -s /run/secrets/token
`,
  });

const find = (statements: readonly StatementJson[], type: string): StatementJson => {
  const found = statements.find(({ predicateType }) => predicateType === type);
  if (!found) throw new Error(`there is no ${type}`);
  return found;
};

async function attested(bench: Workbench, flags: readonly string[], name = 'out.tar') {
  const tar = bench.file(name);
  const secret = `--secret=id=token,src=${bench.context}/token`;
  await bench.build([secret, '--build-arg=WORD=hello', ...flags, `--output=type=oci,dest=${tar}`], epoch);
  return { tar, ...(await readAttestations(tar)) };
}

test('an index lists the image and what is said of it, and skopeo reads both', async () => {
  if (!requireWorkbench()) return;
  await using bench = await sample();
  const flags = ['-t', 'app:1', '-t', 'example.org/team/app', '--provenance=mode=max', '--sbom=true'];
  const { tar, images, attestations } = await attested(bench, flags);
  assert.is(images.length, 1);
  assert.is(attestations.length, 1);
  const { statements, manifest } = attestations[0]!;
  assert.equal(
    statements.map(({ predicateType }) => predicateType),
    [spdx, spdx, slsa],
  );
  assert.equal(
    statements[0]?.subject.map(({ name }) => name.replace(/platform=.*/, '')),
    ['pkg:docker/app@1?', 'pkg:docker/example.org/team/app@latest?'],
  );
  assert.is(
    (manifest['config'] as { mediaType: string }).mediaType,
    'application/vnd.oci.image.config.v1+json',
  );
  const raw = JSON.parse(await mustRun(['skopeo', 'inspect', '--raw', `oci-archive:${tar}:1`]));
  assert.equal(raw.manifests.map((one: { digest: string }) => one.digest)[0], images[0]?.digest);
  await mustRun(['skopeo', 'copy', '--all', `oci-archive:${tar}:1`, `oci:${bench.file('copy')}:x`]);
  assert.is((await readOciImage(tar)).files.get('/made')?.content.toString(), 'hello\n');
});

test('the packages of the image are listed, and those of a stage that asks for it and was built', async () => {
  if (!requireWorkbench()) return;
  await using bench = await sample();
  const { attestations } = await attested(bench, ['--attest', 'type=sbom', '-t', 'app:1']);
  const documents = attestations[0]!.statements.map(({ predicate }) => predicate);
  assert.equal(
    documents.map(({ name }) => name),
    ['app:1', 'tools'],
  );
  for (const { packages } of documents) {
    const purls = (packages as { externalRefs?: { referenceLocator: string }[] }[]).flatMap(
      ({ externalRefs = [] }) => externalRefs.map(({ referenceLocator }) => referenceLocator),
    );
    assert.equal(purls, ['pkg:npm/left-pad@1.3.0']);
  }
});

test('mode=max tells the arguments and the steps, mode=min neither, and no mode a secret', async () => {
  if (!requireWorkbench()) return;
  await using bench = await sample();
  const most = await attested(bench, ['--provenance=mode=max']);
  const least = await attested(bench, ['--provenance=true'], 'min.tar');
  const [max, min] = [most, least].map((one) =>
    JSON.stringify(find(one.attestations[0]!.statements, slsa).predicate),
  );
  assert.match(max!, '"build-arg:WORD":"hello"');
  assert.match(max!, '"secrets":[{"id":"token","optional":true}]');
  assert.match(max!, 'RUN --mount=type=secret,id=token');
  assert.match(max!, '"step0:0":[[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip"');
  assert.not.match(min!, /hello|token|RUN|left-pad/);
  for (const text of [max!, min!]) {
    assert.match(text, `pkg:oci/base@${bench.base.digest}`);
    assert.not.match(text, bench.path);
    assert.not.match(text, 'the-secret-value');
  }
});

test('with SOURCE_DATE_EPOCH, two builds give one digest', async () => {
  if (!requireWorkbench()) return;
  await using bench = await sample();
  const flags = ['--provenance=mode=max', '--sbom=true'];
  const first = await attested(bench, flags);
  const second = await attested(bench, flags, 'second.tar');
  assert.is(second.digest, first.digest);
  assert.equal(await readFile(second.tar), await readFile(first.tar));
});

test('an artifact names the image as its subject', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\n' });
  const tar = bench.file('out.tar');
  await bench.build(['--sbom=true', `--output=type=oci,dest=${tar},oci-artifact=true`]);
  const { images, attestations } = await readAttestations(tar);
  const { manifest } = attestations[0]!;
  assert.is(manifest['artifactType'], 'application/vnd.docker.attestation.manifest.v1+json');
  assert.is((manifest['subject'] as { digest: string }).digest, images[0]?.digest);
});

test('each platform has attestations of its own', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nCOPY Dockerfile /d\n' });
  await addMultiPlatformIndex(bench.base);
  const multi = bench.base.flag.replace(/latest$/, 'multi');
  const tar = bench.file('out.tar');
  const platforms = '--platform=linux/amd64,linux/arm64';
  const flags = [multi, platforms, '--provenance=true', '--sbom=true'];
  await bench.build([...flags, `--output=type=oci,dest=${tar}`, `--output=${bench.file('files')}`]);
  const { attestations } = await readAttestations(tar);
  assert.equal(
    attestations.map(({ platform }) => platform),
    ['linux/amd64', 'linux/arm64'],
  );
  for (const [position, folder] of ['linux_amd64', 'linux_arm64'].entries()) {
    const file = JSON.parse(await readFile(bench.file(`files/${folder}/provenance.json`), 'utf8'));
    assert.is(file.predicateType, slsa);
    assert.ok(file.subject.some(({ name }: { name: string }) => name === 'd'));
    const [image] = find(attestations[position]!.statements, slsa).subject;
    assert.is(image?.name, '_');
  }
});

test('outputs that are files get them as files, and none that is for images only', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN echo x > /sbom.spdx.json\n' });
  const names = async (flags: string[], attributes = ''): Promise<string[]> => {
    await bench.build([...flags, `--output=type=tar,dest=${bench.file('out.tar')}${attributes}`]);
    const entries = await readTar(await readFile(bench.file('out.tar')));
    return [...entries.keys()].filter((name) => name.endsWith('.json'));
  };
  const both = ['--provenance=filename=p.json', '--sbom=true'];
  assert.equal(await names(both, ',attestation-prefix=x-'), [
    'sbom.spdx.json',
    'x-sbom.spdx.json',
    'x-p.json',
  ]);
  assert.equal(await names(['--provenance=inline-only=true']), ['sbom.spdx.json']);
  const { stderr } = await bench.fail([...both, `--output=${bench.file('files')}`]);
  assert.match(stderr, /there is a file sbom\.spdx\.json[\s\S]*attestation-prefix/);
});

test('an attested image in the store is a base like any other, and without flags an image has no index', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM base\nRUN echo made > /made\n' });
  await bench.build(['-t', 'attested:1', '--provenance=true']);
  await bench.write({ Dockerfile: 'FROM attested:1\nRUN cat /made\n' });
  const { manifest } = await bench.image(['--provenance=false', '--sbom=0']);
  assert.is(manifest.layers.length, 3);
});

test.run();
