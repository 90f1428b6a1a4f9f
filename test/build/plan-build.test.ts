import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildDefinition } from '../../src/build/definition.ts';
import { buildArguments, planBuild } from '../../src/build/plan-build.ts';
import type { ImageResolver } from '../../src/build/resolve-image.ts';
import type { BuildRequest } from '../../src/build-request.ts';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { SlipwayError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { SourceImage } from '../../src/seams.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('plan-build');
const { signal } = new AbortController();
const amd64 = { os: 'linux', architecture: 'amd64' };

function request(more: Partial<BuildRequest> = {}): BuildRequest {
  const plain = {
    target: undefined,
    buildArgs: {},
    labels: {},
    platforms: [],
    noCache: false,
    noCacheFilter: [],
    network: 'default',
    allow: [],
    env: {},
  };
  return { ...plain, ...more } as unknown as BuildRequest;
}

/** Images that have only triggers; `missing` is in no registry. */
function plans(text: string, more: Partial<BuildRequest> = {}, triggers: Record<string, string[]> = {}) {
  const asked: string[] = [];
  const images: ImageResolver = {
    async resolve({ origin }) {
      const { reference } = origin;
      asked.push(reference);
      if (/missing/.test(reference)) throw new SlipwayError('ERR_IMAGE_NOT_FOUND', 'no such image');
      const config = { OnBuild: triggers[reference] ?? [] };
      return {
        name: reference,
        resolved: digestOf(reference),
        config: { ...amd64, config, rootfs: { type: 'layers', diff_ids: [] } },
      } as unknown as SourceImage;
    },
  };
  const definition = {
    dockerfile: parseDockerfile(text, 'Dockerfile'),
    ignore: '',
    contexts: new Map(),
    contextTime: async () => undefined,
  } as unknown as BuildDefinition;
  const parts = { request: request(more), definition, images, buildPlatform: amd64 };
  return { asked, planned: planBuild(parts, amd64, signal) };
}

test('images are resolved until all that the plan needs are known, each once', async () => {
  const { asked, planned } = plans(
    'FROM a AS one\nFROM b',
    {},
    { 'docker.io/library/b:latest': ['COPY --from=one /x /'] },
  );
  const { plan } = await planned;
  assert.equal(asked, ['docker.io/library/b:latest', 'docker.io/library/a:latest']);
  assert.is(plan.target.vertex?.op.type, 'copy');
});

test('a base is named with its digest, which stands in for one that is given', async () => {
  const digest = digestOf('x');
  const { plan } = await plans(`FROM a@${digest}`).planned;
  const name = `docker.io/library/a@${digest}`;
  assert.is(plan.target.vertex?.name, `[1/1] FROM ${name.replace(/@.*/, '')}@${digestOf(name)}`);
});

test('an image that is not there is an error at its FROM', async () => {
  const error = await rejects(plans('FROM scratch AS x\nFROM missing').planned, 'ERR_IMAGE_NOT_FOUND');
  assert.is(error.place?.range.start.line, 2);
});

test('arguments come from the flags; those without a value from the environment, or not at all', () => {
  const args = buildArguments(
    request({ buildArgs: { A: '1', B: undefined, C: undefined }, env: { B: '2', D: '3' } }),
  );
  assert.equal({ ...args }, { A: '1', B: '2' });
});

test('an ARG that is named as a member of every object is unset like any other', async () => {
  const { plan } = await plans('FROM scratch\nARG constructor toString=x\nRUN y').planned;
  assert.equal(plan.target.declared, [
    { name: 'constructor', value: undefined },
    { name: 'toString', value: 'x' },
  ]);
});

test('SOURCE_DATE_EPOCH comes from the environment, a flag, or a global ARG', async () => {
  const epoch = async (text: string, more: Partial<BuildRequest> = {}) =>
    (await plans(text, more).planned).epoch;
  assert.is(await epoch('FROM scratch'), undefined);
  assert.is(await epoch('FROM scratch', { env: { SOURCE_DATE_EPOCH: '7' } }), 7);
  assert.is(
    await epoch('FROM scratch', { env: { SOURCE_DATE_EPOCH: '7' }, buildArgs: { SOURCE_DATE_EPOCH: '8' } }),
    8,
  );
  assert.is(await epoch('ARG SOURCE_DATE_EPOCH=9\nFROM scratch'), 9);
  await rejects(plans('FROM scratch', { env: { SOURCE_DATE_EPOCH: 'now' } }).planned, 'ERR_USAGE', /seconds/);
});

test.run();
