import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endpointsOf, hostSettings } from '../../src/registry/host-settings.ts';
import type { RegistrySettings } from '../../src/registry-settings.ts';
import { rejects } from '../support/rejects.ts';
import { configExchange, linux, manifestExchange, sourceFor } from '../support/scripted-registry.ts';
import { type Exchange, startScriptedServer } from '../support/scripted-server.ts';
import { smallImage } from '../support/small-image.ts';

const test = suite('mirrors');
const { signal } = new AbortController();
const image = smallImage();
const [layer] = image.layers;

test('mirrors come before the registry, their prefixes before the name', () => {
  const settings: RegistrySettings = {
    hosts: { 'docker.io': { mirrors: ['m.example:5000', 'n.example/cache/hub/'] } },
  };
  const wanted = { registry: 'docker.io', repository: 'library/app' };
  const mirrored = [
    { registry: 'm.example:5000', repository: 'library/app' },
    { registry: 'n.example', repository: 'cache/hub/library/app' },
  ];
  assert.equal(endpointsOf(settings, wanted), [...mirrored, wanted]);
  assert.equal(endpointsOf({ ...settings, mirrorsOnly: true }, wanted), mirrored);
  const other = { registry: 'r.example', repository: 'app' };
  assert.equal(endpointsOf({ ...settings, mirrorsOnly: true }, other), [other]);
});

test('what is set for a host goes over what is set for all', () => {
  const settings: RegistrySettings = {
    hosts: { '*': { insecure: true }, 'r.example': { insecure: false }, 'docker.io': { ca: ['/a'] } },
  };
  assert.equal(hostSettings(settings, 'R.example'), { insecure: false });
  assert.equal(hostSettings(settings, 'registry-1.docker.io'), { insecure: true, ca: ['/a'] });
});

/** Resolves `app` and reads its layer, with scripts for the mirror and the registry that it stands before. */
async function readThrough(
  mirror: Exchange[],
  registry: Exchange[],
  more: Partial<RegistrySettings> = {},
): Promise<string> {
  const [first, origin] = [
    await startScriptedServer(() => mirror),
    await startScriptedServer(() => registry),
  ];
  const settings = { hosts: { [origin.host]: { mirrors: [first.host] } }, ...more };
  try {
    const found = await sourceFor({ settings }).resolve(`${origin.host}/app`, linux, signal);
    let text = '';
    for await (const chunk of found.blob(found.manifest.layers[0]!, signal))
      text += Buffer.from(chunk).toString();
    for (const server of [first, origin]) server.finished();
    return text;
  } finally {
    await first.stop();
    await origin.stop();
  }
}

const blob: Exchange = { request: `GET /v2/app/blobs/${layer!.digest}`, answer: layer!.bytes };
const missing: Exchange = { request: 'GET /v2/app/manifests/latest', status: 404 };

test('a mirror that has the image gives all of it', async () => {
  assert.is(await readThrough([manifestExchange(image), configExchange(image), blob], []), 'layer');
});

test('what a mirror does not have, or does not give, comes from the registry', async () => {
  const all = [manifestExchange(image), configExchange(image), blob];
  for (const status of [404, 401, 403, 501])
    assert.is(await readThrough([{ ...missing, status }], [...all]), 'layer', String(status));
  const half = [manifestExchange(image), configExchange(image)];
  assert.is(await readThrough([...half, { ...blob, status: 404 }], [blob]), 'layer');
});

test('a mirror that breaks off is followed by the registry, from where it stopped', async () => {
  const cut: Exchange = { ...blob, cut: 3 };
  const rest: Exchange = {
    ...blob,
    headers: { range: 'bytes=3-' },
    status: 206,
    answer: layer!.bytes.subarray(3),
    answerHeaders: { 'content-range': `bytes 3-4/5` },
  };
  const lost: Exchange = { ...blob, headers: { range: 'bytes=3-' }, status: 404 };
  const mirror = [manifestExchange(image), configExchange(image), cut, lost];
  assert.is(await readThrough(mirror, [rest]), 'layer');
});

test('without a way back to the registry the mirror has the last word', async () => {
  await rejects(readThrough([missing], [], { mirrorsOnly: true }), 'ERR_IMAGE_NOT_FOUND');
});

test.run();
