// What provenance says of a request holds no path and no login of the machine, and knows which layers a step made.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  layerCounts,
  localContexts,
  pinnedMaterials,
  requestArgs,
  sortMaterials,
} from '../../src/build/provenance-input.ts';
import { recordSources } from '../../src/build/record-sources.ts';
import type { Sources } from '../../src/build/sources.ts';
import type { BuildRequest } from '../../src/build-request.ts';
import type { Vertex, VertexOp } from '../../src/graph/vertex.ts';
import type { DiffID } from '../../src/oci/digest.ts';
import { digestOf } from '../../src/oci/digest.ts';

const bare = {
  context: '.',
  dockerfile: undefined,
  target: undefined,
  buildArgs: {},
  buildContexts: [],
  labels: {},
  noCache: false,
  noCacheFilter: [],
  network: 'default',
  addHosts: [],
  shmSize: undefined,
  ulimits: [],
  env: {},
} as unknown as BuildRequest;

function vertex(op: VertexOp, inputs: Vertex[] = []): Vertex {
  const range = { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
  const id = digestOf(JSON.stringify([op, inputs.map((one) => one.id)]));
  return { id, op, inputs, name: '', place: { range }, ignoreCache: false };
}

const signal = new AbortController().signal;
const test = suite('build/provenance-input');

test('parameters are named as the frontend takes them, without paths and logins', () => {
  const args = requestArgs({
    ...bare,
    target: 'prod',
    buildArgs: { A: undefined, B: '1', HTTP_PROXY: 'http://user:pw@proxy.test:3128' },
    env: { A: 'from-env' },
    labels: { l: 'v' },
    buildContexts: [
      { name: 'src', value: '/home/wilma/src' },
      { name: 'layout', value: 'oci-layout:///home/wilma/l' },
      { name: 'base', value: 'docker-image://alpine:3' },
      { name: 'repo', value: 'https://token@h.test/r.git#main' },
    ],
    noCacheFilter: ['a', 'b'],
    network: 'none',
    ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
  });
  assert.equal(args, {
    'build-arg:A': 'from-env',
    'build-arg:B': '1',
    'build-arg:HTTP_PROXY': 'http://proxy.test:3128',
    'label:l': 'v',
    'context:src': 'local:src',
    'context:layout': 'local:layout',
    'context:base': 'docker-image://alpine:3',
    'context:repo': 'https://h.test/r.git#main',
    target: 'prod',
    'no-cache': 'a,b',
    'force-network-mode': 'none',
    ulimit: 'nofile=1:2',
  });
});

test('local contexts are those that the graph reads, and the Dockerfile that comes with them', () => {
  const main = vertex({ type: 'context', name: '' });
  const named = vertex({ type: 'context', name: 'Src' });
  const buildContexts = [{ name: 'Src', value: '/src' }];
  assert.equal(localContexts([], bare), ['dockerfile']);
  assert.equal(localContexts([main, named], { ...bare, buildContexts }), ['Src', 'context', 'dockerfile']);
  const remote = { ...bare, context: 'https://h.test/r.git' };
  assert.equal(localContexts([main], remote), []);
  assert.equal(localContexts([main], { ...remote, dockerfile: '-' }), ['dockerfile']);
  assert.equal(localContexts([], { ...bare, dockerfile: 'https://h.test/Dockerfile' }), []);
});

test("a step's layers are those up to its own", () => {
  const platform = { os: 'linux', architecture: 'amd64' };
  const origin = { kind: 'registry', reference: 'base' } as const;
  const image = vertex({ type: 'image', origin, platform });
  const first = vertex({ type: 'mkdir', path: '/a', user: '' }, [image]);
  const second = vertex({ type: 'mkdir', path: '/b', user: '' }, [first]);
  const layers = ['1', '2', '3', '4'].map((name) => {
    return { diffID: digestOf(name) as string as DiffID, size: 1, blobs: [] };
  });
  const counts = layerCounts(second, layers, ({ op }) => op.type === 'mkdir');
  assert.equal(
    [image, first, second].map(({ id }) => counts.get(id)),
    [2, 3, 4],
  );
});

test('what is fetched is noted once, by its public address', async () => {
  const digest = digestOf('file');
  const commit = '1'.repeat(40);
  const fake = {
    http: async () => ({ digest, size: 4, mtime: 0n }),
    git: async () => ({ commit: { commit, ref: 'refs/heads/main' } }),
  } as unknown as Sources;
  const { sources, materials, find } = recordSources(fake);
  const url = 'https://user:pw@h.test/f';
  const checksum = undefined;
  for (let i = 0; i < 2; i++) await sources.http(url, checksum, signal);
  const spec = { remote: 'https://pw@h.test/r.git', ref: 'main' } as Parameters<Sources['git']>[0];
  await sources.git(spec, signal);
  const file = { uri: 'https://h.test/f', digest: { sha256: digest.slice(7) } };
  const repository = { uri: 'https://h.test/r.git#refs/heads/main', digest: { sha1: commit } };
  assert.equal(materials(), [file, repository]);
  assert.equal(find('https://pw@h.test/r.git#main:docs'), repository);
  assert.is(find('.'), undefined);
  const pinned = pinnedMaterials([vertex({ type: 'http', url, checksum: digest })]);
  assert.equal(sortMaterials([repository, ...pinned, ...materials()]), [file, repository]);
});

test.run();
