// Provenance says what a build was made of in SLSA's words, and in mode=min nothing that could be private.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { attestationManifest } from '../../src/attest/attestation-manifest.ts';
import { type ProvenanceInput, provenance } from '../../src/attest/provenance.ts';
import { asSlsaV02 } from '../../src/attest/slsa-v02.ts';
import { makeStatement, predicateType } from '../../src/attest/statement.ts';
import type { ExecMount, Vertex, VertexOp } from '../../src/graph/vertex.ts';
import { digestOf } from '../../src/oci/digest.ts';

const platform = { os: 'linux', architecture: 'amd64' };

function vertex(name: string, op: VertexOp, inputs: (Vertex | undefined)[] = [], line = 1): Vertex {
  const range = { start: { line, column: 1 }, end: { line, column: 9 } };
  return { id: digestOf(name), op, inputs, name, place: { range }, ignoreCache: false };
}

const image = vertex('FROM base', {
  type: 'image',
  origin: { kind: 'registry', reference: 'docker.io/library/base:1' },
  platform,
});
const fetched = vertex('fetch', { type: 'http', url: 'https://user:pass@h.test/f', checksum: undefined });
const grant = { target: undefined, mode: 0o400, uid: 0, gid: 0 };
const mounts: ExecMount[] = [
  { type: 'secret', id: 's', env: undefined, required: false, ...grant },
  { type: 'secret', id: 's', env: undefined, required: true, ...grant },
  { type: 'ssh', id: 'default', required: false, ...grant },
  { type: 'bind', target: '/in', source: '/', input: 2, readOnly: true },
];
const exec = vertex(
  'RUN make',
  {
    type: 'exec',
    argv: ['/bin/sh', '-c', 'make'],
    env: [['A', 'b']],
    proxyEnv: [['HTTP_PROXY', 'http://user:pass@proxy.test']],
    cwd: '/',
    user: '',
    mounts,
    network: 'none',
    security: 'sandbox',
    script: undefined,
    platform,
  },
  [image, undefined, fetched],
  3,
);

const input: ProvenanceInput = {
  mode: 'max',
  builderID: 'https://ci.test/7',
  builderVersion: '1',
  reproducible: true,
  configSource: { path: 'Dockerfile' },
  args: { target: 'x', 'label:l': 'v', 'build-arg:B': 'private' },
  locals: ['context'],
  target: exec,
  contextSource: (name) => `local://${name}`,
  dockerfile: { file: 'Dockerfile', text: 'FROM base' },
  materials: [{ uri: 'pkg:docker/base@1', digest: { sha256: 'a' } }],
  builderPlatform: platform,
  invocationID: 'id',
  startedOn: 'start',
  finishedOn: 'end',
  layersOf: ({ id }) =>
    id === image.id ? [{ mediaType: 'layer', digest: digestOf('layer'), size: 1 }] : undefined,
};

const test = suite('attest/provenance');

test('mode=max lists steps with their inputs, source lines and layers', () => {
  const { buildDefinition, runDetails } = provenance(input);
  const { llbDefinition } = buildDefinition.internalParameters.buildConfig as {
    llbDefinition: { id: string; inputs?: string[]; op: unknown }[];
  };
  assert.equal(
    llbDefinition.map(({ id, inputs }) => [id, inputs]),
    [
      ['step0', undefined],
      ['step1', undefined],
      ['step2', ['step0:0', 'step1:0']],
    ],
  );
  const op = JSON.stringify(llbDefinition[2]?.op);
  assert.match(op, '"env":["A=b"]');
  assert.match(op, '{"input":1,"selector":"/","dest":"/in","readonly":true}');
  const { request } = buildDefinition.externalParameters;
  assert.equal(Object.keys(request.args), ['build-arg:B', 'label:l', 'target']);
  assert.equal([request.secrets, request.ssh], [[{ id: 's' }], [{ id: 'default', optional: true }]]);
  const { metadata } = runDetails;
  assert.equal(metadata.buildkit_completeness, { request: true, resolvedDependencies: false });
  const { source, layers } = metadata.buildkit_metadata as {
    source: { infos: { data: string }[]; locations: Record<string, unknown> };
    layers: object;
  };
  assert.is(Buffer.from(source.infos[0]!.data, 'base64').toString(), 'FROM base');
  assert.equal(source.locations['step2'], {
    locations: [{ ranges: [{ start: { line: 3 }, end: { line: 3 } }] }],
  });
  assert.equal(Object.keys(layers), ['step0:0']);
  assert.not.match(JSON.stringify(provenance(input)), /user:pass|proxy\.test/);
});

test('mode=min leaves out arguments, labels, secrets, steps and the Dockerfile, and says that it does', () => {
  const predicate = provenance({ ...input, mode: 'min' });
  assert.not.match(JSON.stringify(predicate), /private|label:l|secret|"s"|RUN|RlJPTSB/);
  assert.equal(predicate.buildDefinition.externalParameters.request.args, { target: 'x' });
  assert.is(predicate.runDetails.metadata.buildkit_completeness.request, false);
  const bare = provenance({ ...input, mode: 'min', args: {}, target: image });
  assert.is(bare.runDetails.metadata.buildkit_completeness.request, true);
});

test('a build is hermetic where no step has a network and no file comes from the client', () => {
  const hermetic = (changes: Partial<ProvenanceInput>): boolean =>
    provenance({ ...input, ...changes }).runDetails.metadata.buildkit_hermetic;
  assert.is(hermetic({ locals: [] }), true);
  assert.is(hermetic({}), false);
  const online = { ...exec, op: { ...exec.op, network: 'default' } as VertexOp };
  assert.is(hermetic({ locals: [], target: online }), false);
});

test('a deep graph is listed without recursion', () => {
  let deep = image;
  for (let i = 0; i < 20_000; i++) deep = vertex(`step ${i}`, { type: 'mkdir', path: '/', user: '' }, [deep]);
  const { buildConfig } = provenance({ ...input, target: deep }).buildDefinition.internalParameters;
  assert.is((buildConfig as { llbDefinition: unknown[] }).llbDefinition.length, 20_001);
});

test('SLSA v0.2 says the same', () => {
  const old = asSlsaV02(provenance(input)) as Record<string, Record<string, unknown>>;
  assert.equal(old['builder'], { id: 'https://ci.test/7' });
  assert.equal(old['materials'], input.materials);
  assert.equal(old['invocation']?.['configSource'], { entryPoint: 'Dockerfile' });
  assert.equal(old['metadata']?.['completeness'], { parameters: true, environment: true, materials: false });
  assert.is(old['metadata']?.['buildStartedOn'], 'start');
});

test('an attestation manifest has a config whose diff_ids are its statements', () => {
  const statement = makeStatement({ predicateType: predicateType.spdx, predicate: {} }, []);
  const made = attestationManifest([statement], {
    image: { mediaType: 'm', digest: digestOf('image'), size: 5 },
    manifestType: 'manifest',
    configType: 'config',
    artifact: false,
  });
  const [layer, config, manifest] = made.documents;
  assert.equal(JSON.parse(config!.bytes.toString()).rootfs.diff_ids, [digestOf(layer!.bytes)]);
  assert.is(manifest!.descriptor.digest, made.descriptor.digest);
  assert.is(made.descriptor.annotations?.['vnd.docker.reference.digest'], digestOf('image'));
});

test.run();
