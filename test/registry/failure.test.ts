import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rejects } from '../support/rejects.ts';
import {
  configExchange,
  linux,
  manifestExchange,
  scripted,
  slept,
  sourceFor,
} from '../support/scripted-registry.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { smallImage } from '../support/small-image.ts';

const test = suite('registry failures');
const { signal } = new AbortController();

test('a web page instead of a manifest is told as such, whatever its status', async () => {
  const page = {
    answer: '<!doctype html><title>Log in</title>',
    answerHeaders: { 'content-type': 'text/html; charset=utf-8' },
  };
  await scripted(
    () => [
      { request: 'GET /v2/app/manifests/latest', ...page },
      { request: 'GET /v2/app/manifests/latest', status: 501, ...page },
      { request: 'GET /v2/app/manifests/latest', status: 404, ...page },
    ],
    async ({ host }) => {
      const source = sourceFor();
      await rejects(source.resolve(`${host}/app`, linux, signal), 'ERR_REGISTRY', /with a web page, not/);
      await rejects(source.resolve(`${host}/app`, linux, signal), 'ERR_REGISTRY', /501.*with a web page/);
      await rejects(source.resolve(`${host}/app`, linux, signal), 'ERR_IMAGE_NOT_FOUND', /with a web page/);
    },
  );
});

test("an image that is not there is named, with the registry's words", async () => {
  const answer = JSON.stringify({
    errors: [{ code: 'NAME_UNKNOWN', message: 'repository\u001b[31m unknown' }],
  });
  await scripted(
    () => [{ request: 'GET /v2/team/app/manifests/9', status: 404, answer }],
    async ({ host }) => {
      const error = await rejects(
        sourceFor().resolve(`${host}/team/app:9`, linux, signal),
        'ERR_IMAGE_NOT_FOUND',
      );
      assert.match(error.message, `${host}/team/app:9: NAME_UNKNOWN: repository [31m unknown`);
      assert.match(error.hint!, 'name of the repository');
    },
  );
});

test('a refusal without a way to log in says how to log in', async () => {
  const answer = JSON.stringify({ errors: [{ code: 'DENIED', message: 'no' }] });
  await scripted(
    () => [{ request: 'GET /v2/app/manifests/latest', status: 403, answer }],
    async ({ host }) => {
      const error = await rejects(
        sourceFor().resolve(`${host}/app`, linux, signal),
        'ERR_UNAUTHORIZED',
        /DENIED: no/,
      );
      assert.match(error.hint!, `slipway login ${host}`);
    },
  );
});

test('a registry that says to wait is waited for', async () => {
  const image = smallImage();
  await scripted(
    () => [
      { request: 'GET /v2/app/manifests/latest', status: 429, answerHeaders: { 'retry-after': '7' } },
      manifestExchange(image),
      { ...configExchange(image), status: 503, answer: 'busy' },
      { ...configExchange(image), status: 503, answer: 'busy' },
      configExchange(image),
    ],
    async ({ host }) => {
      await sourceFor().resolve(`${host}/app`, linux, signal);
      assert.equal(slept, [7000, 250, 500]);
    },
  );
});

test('a registry that fails on is given up after five tries, with its words', async () => {
  const busy = { request: 'GET /v2/app/manifests/latest', status: 503, answer: 'overloaded\nsecond line' };
  await scripted(
    () => [busy, busy, busy, busy, busy],
    async ({ host }) => {
      await rejects(
        sourceFor().resolve(`${host}/app`, linux, signal),
        'ERR_REGISTRY',
        /503 Service Unavailable.*: overloaded\n/,
      );
    },
  );
  await scripted(
    () => [{ ...busy, status: 429, answerHeaders: { 'retry-after': '3600' } }],
    async ({ host }) => {
      await rejects(sourceFor().resolve(`${host}/app`, linux, signal), 'ERR_REGISTRY', /limits how much/);
      assert.equal(slept, []);
    },
  );
});

test('a manifest whose connection breaks is asked for again', async () => {
  const image = smallImage();
  await scripted(
    () => [{ ...manifestExchange(image), cut: 10 }, manifestExchange(image), configExchange(image)],
    async ({ host }) => {
      await sourceFor().resolve(`${host}/app`, linux, signal);
      assert.is(slept.length, 1);
    },
  );
});

test('where nothing listens the host is named at once', async () => {
  const server = await startScriptedServer(() => []);
  await server.stop();
  const error = await rejects(
    sourceFor().resolve(`${server.host}/app`, linux, signal),
    'ERR_NETWORK',
    /refused/,
  );
  assert.match(error.message, server.host);
  assert.equal(slept, []);
});

test('a silent registry is given up', async () => {
  const silent = { request: 'GET /v2/app/manifests/latest', silent: true };
  const server = await startScriptedServer(() => [silent]);
  try {
    const source = sourceFor({ idleTimeout: 1_000, retry: { tries: 1 } });
    await rejects(source.resolve(`${server.host}/app`, linux, signal), 'ERR_NETWORK', /stopped answering/);
    server.finished();
  } finally {
    await server.stop();
  }
});

test('an abort ends with its own reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const busy = { request: 'GET /v2/app/manifests/latest', status: 503 };
  await scripted(
    () => [busy],
    async ({ host }) => {
      const sleep = async () => controller.abort(reason);
      const source = sourceFor({ retry: { sleep } });
      const outcome = await source.resolve(`${host}/app`, linux, controller.signal).catch((error) => error);
      assert.is(outcome, reason);
    },
  );
});

test.run();
