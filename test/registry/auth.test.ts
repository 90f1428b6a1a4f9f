import { writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { createAuthenticator } from '../../src/registry/auth.ts';
import { connectRegistries } from '../../src/registry/connect.ts';
import type { Credential } from '../../src/registry/credentials.ts';
import type { HttpAnswer, HttpRequest } from '../../src/registry/http.ts';
import type { Transport } from '../../src/registry/transport.ts';
import { rejects } from '../support/rejects.ts';
import { type Exchange, startScriptedServer } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('auth');
const { signal } = new AbortController();
const digest = digestOf('x');
const request = `HEAD /v2/team/app/blobs/${digest}`;
const scope = 'repository%3Ateam%2Fapp%3Apull';
const alice = `Basic ${Buffer.from('alice:s3:cret').toString('base64')}`;

function bearer(host: string, rest = ',service="reg"'): Record<string, string> {
  return { 'www-authenticate': `Bearer realm="http://${host}/token?x=1"${rest}` };
}

/** Asks whether a blob exists, `times` in a row, with `auths` as the Docker configuration. */
async function ask(
  script: (host: string) => Exchange[],
  options: { auth?: object; times?: number; now?: () => number; before?: () => void } = {},
): Promise<boolean[]> {
  await using dir = await tempDir();
  const server = await startScriptedServer(script);
  const config = JSON.stringify({ auths: options.auth ? { [server.host]: options.auth } : {} });
  await writeFile(dir.file('config.json'), config);
  const retry = { sleep: async () => undefined, now: options.now ?? (() => 0) };
  const client = connectRegistries({ env: { DOCKER_CONFIG: dir.path }, retry });
  try {
    const answers: boolean[] = [];
    for (let i = 0; i < (options.times ?? 1); i++) {
      options.before?.();
      answers.push(
        await client.blobExists({ registry: server.host, repository: 'team/app' }, digest, signal),
      );
    }
    server.finished();
    return answers;
  } finally {
    await client.transport.close();
    await server.stop();
  }
}

const login = { auth: Buffer.from('alice:s3:cret').toString('base64') };

test('an anonymous token is got once and used from then on', async () => {
  const found = await ask(
    (host) => [
      { request, headers: { authorization: undefined }, status: 401, answerHeaders: bearer(host) },
      {
        request: `GET /token?x=1&service=reg&scope=${scope}`,
        headers: { authorization: undefined },
        answer: '{"access_token":"t1","expires_in":300}',
      },
      { request, headers: { authorization: 'Bearer t1' } },
      { request, headers: { authorization: 'Bearer t1' }, status: 404 },
    ],
    { times: 2 },
  );
  assert.equal(found, [true, false]);
});

test('a token is got with the name and password that are known', async () => {
  await ask(
    (host) => [
      { request, status: 401, answerHeaders: bearer(host) },
      {
        request: `GET /token?x=1&service=reg&scope=${scope}&account=alice`,
        headers: { authorization: alice },
        answer: '{"token":"t1"}',
      },
      { request, headers: { authorization: 'Bearer t1' } },
    ],
    { auth: login },
  );
});

test('an identity token is exchanged by POST', async () => {
  const body = `service=reg&scope=${scope}&grant_type=refresh_token&refresh_token=id%2B1&client_id=slipway`;
  await ask(
    (host) => [
      { request, status: 401, answerHeaders: bearer(host) },
      {
        request: 'POST /token?x=1',
        headers: { authorization: undefined, 'content-type': 'application/x-www-form-urlencoded' },
        body,
        answer: '{"access_token":"t2"}',
      },
      { request, headers: { authorization: 'Bearer t2' } },
    ],
    { auth: { identitytoken: 'id+1' } },
  );
});

test("the challenge's own scopes are asked for too", async () => {
  await ask((host) => [
    { request, status: 401, answerHeaders: bearer(host, ',scope="repository:mirror/app:pull"') },
    {
      request: `GET /token?x=1&scope=${scope}&scope=repository%3Amirror%2Fapp%3Apull`,
      answer: '{"token":"t1"}',
    },
    { request, headers: { authorization: 'Bearer t1' } },
  ]);
});

test('a token that ran out, or is refused, is replaced', async () => {
  let now = 0;
  const token = (n: number): Exchange => ({
    request: `GET /token?x=1&service=reg&scope=${scope}`,
    answer: `{"token":"t${n}","expires_in":100}`,
  });
  await ask(
    (host) => [
      { request, status: 401, answerHeaders: bearer(host) },
      token(1),
      { request, headers: { authorization: 'Bearer t1' } },
      { request, headers: { authorization: 'Bearer t1' } },
      token(2),
      { request, headers: { authorization: 'Bearer t2' } },
    ],
    {
      times: 3,
      now: () => now,
      before: () => {
        now += 45_000;
      },
    },
  );
  await ask(
    (host) => [
      { request, status: 401, answerHeaders: bearer(host) },
      token(1),
      { request, headers: { authorization: 'Bearer t1' } },
      { request, headers: { authorization: 'Bearer t1' }, status: 401, answerHeaders: bearer(host) },
      token(2),
      { request, headers: { authorization: 'Bearer t2' } },
    ],
    { times: 2 },
  );
});

test('Basic sends the known login, and from then on at once', async () => {
  const answerHeaders = { 'www-authenticate': 'Basic realm="Registry Realm"' };
  await ask(
    () => [
      { request, headers: { authorization: undefined }, status: 401, answerHeaders },
      { request, headers: { authorization: alice } },
      { request, headers: { authorization: alice } },
    ],
    { auth: login, times: 2 },
  );
});

test('a login that is not known, wrong or not enough is ERR_UNAUTHORIZED with the way to log in', async () => {
  const answerHeaders = { 'www-authenticate': 'Basic realm="x"' };
  await rejects(
    ask(() => [{ request, status: 401, answerHeaders }]),
    'ERR_UNAUTHORIZED',
    /name and a password[\s\S]*slipway login 127/,
  );
  await rejects(
    ask(
      () => [
        { request, status: 401, answerHeaders },
        { request, status: 401, answerHeaders },
      ],
      { auth: login },
    ),
    'ERR_UNAUTHORIZED',
    /slipway login/,
  );
  const error = await rejects(
    ask(
      (host) => [
        { request, status: 401, answerHeaders: bearer(host) },
        {
          request: `GET /token?x=1&service=reg&scope=${scope}&account=alice`,
          status: 401,
          answer: '{"details":"incorrect username or password"}',
        },
      ],
      { auth: login },
    ),
    'ERR_UNAUTHORIZED',
    /credentials from .*config\.json: incorrect username/,
  );
  assert.not.match(error.message, 's3');
});

test('challenges and tokens that make no sense are refused', async () => {
  const challenges: [string, string, RegExp][] = [
    ['Negotiate', 'ERR_UNAUTHORIZED', /negotiate/],
    ['Bearer service="x"', 'ERR_REGISTRY', /no token server/],
    ['Bearer realm="file:///etc/passwd"', 'ERR_REGISTRY', /no token server/],
  ];
  for (const [challenge, code, says] of challenges) {
    const answerHeaders = { 'www-authenticate': challenge };
    await rejects(
      ask(() => [{ request, status: 401, answerHeaders }]),
      code,
      says,
    );
  }
  for (const answer of ['', '{}', 'null', '{"token":"a\\r\\nb"}', '<html>']) {
    await rejects(
      ask((host) => [
        { request, status: 401, answerHeaders: bearer(host, '') },
        { request: `GET /token?x=1&scope=${scope}`, answer },
      ]),
      'ERR_REGISTRY',
      /without a token/,
    );
  }
});

test('a registry behind TLS does not get the password sent in the clear', async () => {
  const sent: HttpRequest[] = [];
  const transport = {
    read: async (asked: HttpRequest): Promise<HttpAnswer> => {
      sent.push(asked);
      const bytes = Buffer.from('{"token":"t"}');
      return { status: 200, headers: {}, url: new URL('https://t'), foreign: false, bytes, truncated: false };
    },
  } as unknown as Transport;
  const credential: Credential = { type: 'password', username: 'alice', password: 'p' };
  const credentials = { lookup: async () => ({ credential, source: 'test' }) };
  const auth = createAuthenticator({ transport, credentials, now: () => 0 });
  const access = { registry: 'reg.example', repository: 'app', scopes: ['s'] };
  const given = { refused: undefined, signal };
  const from = (realm: string) => ({
    status: 401,
    headers: { 'www-authenticate': `Bearer realm="${realm}"` },
    url: new URL('https://reg.example/v2/'),
    foreign: false,
  });
  await rejects(
    auth.answer(from('http://reg.example/token'), access, given),
    'ERR_UNAUTHORIZED',
    /without encryption/,
  );
  assert.is(sent.length, 0);
  assert.is(await auth.answer(from('https://other.example/token'), access, given), 'Bearer t');
  assert.is(await auth.header(access, signal), 'Bearer t');
  assert.is(sent.length, 1);
  assert.is(await auth.header({ ...access, registry: 'other.example' }, signal), undefined);
  assert.is(sent.length, 1);
});

test('who needs less than is just being asked for waits for that, and asks alone where it is refused', async () => {
  for (const mayPush of [true, false]) {
    const sent: string[] = [];
    const transport = {
      read: async ({ target }: HttpRequest): Promise<HttpAnswer> => {
        const wanted = (target as URL).searchParams.getAll('scope').join(' ');
        sent.push(wanted);
        const isRefused = wanted.includes('push') && !mayPush;
        const bytes = Buffer.from(isRefused ? '{}' : '{"token":"t"}');
        const head = { headers: {}, url: new URL('https://t'), foreign: false, truncated: false };
        return { ...head, status: isRefused ? 403 : 200, bytes };
      },
    } as unknown as Transport;
    const credentials = { lookup: async () => undefined };
    const auth = createAuthenticator({ transport, credentials, now: () => 0 });
    const from = {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="https://t.example/"' },
      url: new URL('https://reg.example/v2/'),
      foreign: false,
    };
    const accessTo = (actions: string) => ({
      ...{ registry: 'reg.example', repository: 'app', scopes: [`repository:app:${actions}`] },
    });
    const given = { refused: undefined, signal };
    const both = auth.answer(from, accessTo('pull,push'), given).catch(() => 'refused');
    const one = auth.answer(from, accessTo('pull'), given);
    assert.equal(await Promise.all([both, one]), [mayPush ? 'Bearer t' : 'refused', 'Bearer t']);
    const alone = mayPush ? [] : ['repository:app:pull'];
    assert.equal(sent, ['repository:app:pull,push', ...alone]);
  }
});

test('a token server may not send what is meant for it elsewhere', async () => {
  const elsewhere = await startScriptedServer(() => []);
  try {
    await rejects(
      ask(
        (host) => [
          { request, status: 401, answerHeaders: bearer(host) },
          {
            request: 'POST /token?x=1',
            status: 307,
            answerHeaders: { location: `http://${elsewhere.host}/steal` },
          },
        ],
        { auth: { identitytoken: 'refresh' } },
      ),
      'ERR_REGISTRY',
      /meant for it alone/,
    );
    elsewhere.finished();
  } finally {
    await elsewhere.stop();
  }
});

test.run();
