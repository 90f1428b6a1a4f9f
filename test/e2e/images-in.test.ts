// Where a build's images come from: nothing, stages, the local store, OCI layouts and a registry.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addMultiPlatformIndex } from '../support/busybox-base.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { readOciImage } from '../support/oci-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { mustRun } from '../support/run-command.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';

const test = suite('e2e images in');

test('scratch is an image without anything', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /only\n' });
  assert.equal([...(await bench.image()).files.keys()], ['/only']);
});

test('a stage stands on another stage and reads from a third', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base AS one
RUN echo 1 > /one
FROM base AS two
RUN echo 2 > /two
FROM one
COPY --from=two /two /two
COPY --from=1 /two /again
RUN --mount=from=two,target=/mnt cp /mnt/two /mounted
`,
  });
  const image = await bench.image();
  for (const [path, text] of Object.entries({
    '/one': '1\n',
    '/two': '2\n',
    '/again': '2\n',
    '/mounted': '2\n',
  })) {
    assert.is(image.text(path), text);
  }
});

test('an image that was built and tagged is a base of the next build', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nENV MADE=here\nRUN echo first > /first\n',
    'next.Dockerfile':
      'FROM local/first:1.0\nRUN echo $MADE > /second\nCOPY --from=local/first:1.0 /first /copied\n',
  });
  await bench.build(['-t', 'local/first:1.0']);
  const image = await bench.image(['-f', `${bench.context}/next.Dockerfile`]);
  assert.is(image.text('/second'), 'here\n');
  assert.is(image.text('/copied'), 'first\n');
});

test('an OCI layout is read by tag and by digest', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM other\nRUN echo made > /made\n' });
  const byTag = await bench.image([`--build-context=other=oci-layout://${bench.base.path}:latest`]);
  const byDigest = await bench.image([
    `--build-context=other=oci-layout://${bench.base.path}@${bench.base.digest}`,
  ]);
  assert.is(byTag.text('/made'), 'made\n');
  assert.is(byDigest.digest, byTag.digest);
});

test('an index gives the image of the platform that is asked for', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM other\nCOPY Dockerfile /\n' });
  await addMultiPlatformIndex(bench.base);
  for (const architecture of ['amd64', 'arm64']) {
    const image = await bench.image([
      `--build-context=other=oci-layout://${bench.base.path}:multi`,
      `--platform=linux/${architecture}`,
    ]);
    assert.is(image.config.architecture, architecture);
    assert.ok(image.config.config.Env?.includes(`ARCH=${architecture}`));
  }
});

test('two platforms in one build make an index', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM other\nCOPY Dockerfile /\n' });
  await addMultiPlatformIndex(bench.base);
  const tar = bench.file('two.tar');
  await bench.build([
    `--build-context=other=oci-layout://${bench.base.path}:multi`,
    '--platform=linux/amd64,linux/arm64',
    `--output=type=oci,dest=${tar}`,
  ]);
  for (const architecture of ['amd64', 'arm64']) {
    assert.is((await readOciImage(tar, `linux/${architecture}`)).config.architecture, architecture);
  }
  await mustRun(['skopeo', 'inspect', `oci-archive:${tar}`]);
});

test('a registry serves FROM, COPY --from and named contexts', async () => {
  if (!requireWorkbench() || !requireFeature('docker-registry', hasDockerRegistry())) return;
  await using bench = await workbench();
  const registry = await startDockerRegistry();
  try {
    const name = `${registry.host}/team/base:1`;
    await mustRun([
      'skopeo',
      'copy',
      '--dest-tls-verify=false',
      `oci:${bench.base.path}:latest`,
      `docker://${name}`,
    ]);
    await bench.write({
      Dockerfile: `FROM ${name}
RUN echo made > /made
COPY --from=${name}@${bench.base.digest} /etc/passwd /copied
COPY --from=named /etc/group /named
`,
    });
    const image = await bench.image([`--build-context=named=docker-image://${name}`]);
    assert.is(image.text('/made'), 'made\n');
    assert.match(image.text('/copied'), 'app:x:1000');
    assert.match(image.text('/named'), 'extra:x:2000');
    assert.is(image.layers.length, 4);
  } finally {
    await registry.stop();
  }
});

test('an image that another tool made is read: in docker’s own format', async () => {
  if (!requireWorkbench() || !requireFeature('docker-registry', hasDockerRegistry())) return;
  await using bench = await workbench();
  const registry = await startDockerRegistry();
  try {
    const name = `${registry.host}/converted:v2s2`;
    await mustRun([
      ...['skopeo', 'copy', '--dest-tls-verify=false', '--format=v2s2'],
      ...[`oci:${bench.base.path}:latest`, `docker://${name}`],
    ]);
    await bench.write({ Dockerfile: `FROM ${name}\nRUN ls /bin/busybox > /seen\n` });
    assert.is((await bench.image()).text('/seen'), '/bin/busybox\n');
  } finally {
    await registry.stop();
  }
});

test.run();
