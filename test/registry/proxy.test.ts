import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { connectRegistries } from '../../src/registry/connect.ts';
import { isLoopback, originsOf } from '../../src/registry/origin.ts';
import { proxyFor } from '../../src/registry/proxy.ts';
import { rejects } from '../support/rejects.ts';
import { startScriptedServer } from '../support/scripted-server.ts';

const test = suite('proxy');

function proxy(url: string, env: Record<string, string>): string | undefined {
  return proxyFor(new URL(url), env)?.href;
}

test('each scheme has its proxy, and the lower-case name wins', () => {
  const env = { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://p:2', http_proxy: 'q:3' };
  assert.is(proxy('https://r.example', env), 'http://s:1/');
  assert.is(proxy('http://r.example', env), 'http://q:3/');
  assert.is(proxy('https://r.example', {}), undefined);
});

test('NO_PROXY names hosts with what is below them, ports, addresses and networks', () => {
  const cases: [list: string, url: string, direct: boolean][] = [
    ['*', 'https://r.example', true],
    ['r.example', 'https://r.example', true],
    ['other, R.EXAMPLE', 'https://r.example:5000', true],
    ['example', 'https://r.example', true],
    ['ample', 'https://r.example', false],
    ['.r.example', 'https://r.example', false],
    ['*.example', 'https://r.example', true],
    ['.example', 'https://r.example', true],
    ['r.example:443', 'https://r.example', true],
    ['r.example:5000', 'https://r.example', false],
    ['10.1.2.3', 'https://10.1.2.3:5000', true],
    ['1.2.3', 'https://10.1.2.3', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['fd00::/8', 'https://[fd12::1]:5000', true],
    ['[fd12::1]:5000', 'https://[fd12::1]:5000', true],
  ];
  for (const [list, url, direct] of cases) {
    const found = proxy(url, { HTTPS_PROXY: 'http://p:1', NO_PROXY: list });
    assert.is(found === undefined, direct, `${list} ${url}`);
  }
});

test('loopback is never reached through a proxy', () => {
  for (const host of ['localhost:5000', '127.0.0.1', '127.1.2.3:80', '[::1]:5000', 'registry.localhost'])
    assert.is(proxy(`http://${host}`, { HTTP_PROXY: 'http://p:1' }), undefined, host);
});

test('a proxy of another kind is refused without showing its password', async () => {
  const env = { HTTPS_PROXY: 'socks5://u:secret@p:1' };
  const attempt = (async () => proxyFor(new URL('https://r.example'), env))();
  const error = await rejects(attempt, 'ERR_UNSUPPORTED', /socks5/);
  assert.not.match(error.message, 'secret');
  await rejects(
    (async () => proxyFor(new URL('https://r.example'), { HTTPS_PROXY: 'http://[' }))(),
    'ERR_USAGE',
  );
});

test('loopback hosts speak http first, others https alone unless they are insecure', () => {
  assert.equal(originsOf('localhost:5000', false), ['http://localhost:5000', 'https://localhost:5000']);
  assert.equal(originsOf('r.example', false), ['https://r.example']);
  assert.equal(originsOf('r.example', true), ['https://r.example', 'http://r.example']);
  assert.not.ok(
    isLoopback('127.0.0.1.example') || isLoopback('localhost.example') || isLoopback('128.0.0.1'),
  );
});

test('requests go through the proxy, with its credentials and not those of the registry', async () => {
  const digest = digestOf('x');
  const { signal } = new AbortController();
  // The proxy refuses tunnels, so that the insecure registry's plain http is tried after its https.
  const server = await startScriptedServer(() => [
    {
      request: `HEAD http://r.invalid:5000/v2/app/blobs/${digest}`,
      headers: {
        host: 'r.invalid:5000',
        'proxy-authorization': `Basic ${Buffer.from('u:p').toString('base64')}`,
        authorization: undefined,
      },
    },
  ]);
  const client = connectRegistries({
    env: {
      HOME: '/nonexistent',
      HTTP_PROXY: `http://u:p@${server.host}`,
      HTTPS_PROXY: `http://${server.host}`,
    },
    settings: { hosts: { 'r.invalid:5000': { insecure: true } } },
    retry: { sleep: async () => undefined },
  });
  try {
    const repository = { registry: 'r.invalid:5000', repository: 'app' };
    assert.ok(await client.blobExists(repository, digest, signal));
    server.finished();
  } finally {
    await client.transport.close();
    await server.stop();
  }
});

test('a host that may be asked without TLS for one repository is asked with it for another', async () => {
  const digest = digestOf('x');
  const { signal } = new AbortController();
  const server = await startScriptedServer(() => [
    { request: `HEAD http://r.invalid:5000/v2/open/blobs/${digest}` },
  ]);
  const proxies = { HTTP_PROXY: `http://${server.host}`, HTTPS_PROXY: `http://${server.host}` };
  const env = { HOME: '/nonexistent', ...proxies };
  const client = connectRegistries({ env, retry: { sleep: async () => undefined } });
  try {
    const registry = 'r.invalid:5000';
    assert.ok(await client.blobExists({ registry, repository: 'open', insecure: true }, digest, signal));
    await rejects(
      client.blobExists({ registry, repository: 'closed' }, digest, signal),
      'ERR_NETWORK',
      /proxy did not let/,
    );
    server.finished();
  } finally {
    await client.transport.close();
    await server.stop();
  }
});

test('a proxy that is not there is named', async () => {
  const server = await startScriptedServer(() => []);
  await server.stop();
  const env = { HOME: '/nonexistent', HTTPS_PROXY: `http://u:secret@${server.host}` };
  const client = connectRegistries({ env, retry: { sleep: async () => undefined } });
  const repository = { registry: 'r.invalid', repository: 'app' };
  const { signal } = new AbortController();
  const error = await rejects(
    client.blobExists(repository, digestOf('x'), signal),
    'ERR_NETWORK',
    /r\.invalid[\s\S]*through the proxy http:\/\/127/,
  );
  assert.not.match(error.hint!, 'secret');
  await client.transport.close();
});

test.run();
