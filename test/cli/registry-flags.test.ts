import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRequest } from '../../src/build-request.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { pushedRegistries } from '../../src/cli/commands/pushed-registries.ts';
import { pushFlags, readRegistrySettings, registryFlags } from '../../src/cli/commands/registry-flags.ts';
import { SlipwayError } from '../../src/errors.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('cli/registry-flags');
const nowhere = { env: {}, cwd: '/w', home: '/nonexistent' };

function read(line: string, session: typeof nowhere & { env: Record<string, string> } = nowhere) {
  const given = parseArguments(
    [...registryFlags, ...pushFlags],
    line.split(' ').filter(Boolean),
    'slipway x',
  );
  return readRegistrySettings(given, session);
}

function failure(line: string, session?: typeof nowhere): SlipwayError {
  try {
    read(line, session);
  } catch (error) {
    assert.instance(error, SlipwayError);
    return error as SlipwayError;
  }
  throw new Error(`no error: ${line}`);
}

test('no flag and no file is no setting', () => {
  assert.is(read(''), undefined);
});

test('flags are said of one registry or of all', () => {
  assert.equal(
    read(
      '--tls-verify=false --insecure R.example:5000 --registry-mirror a.example --registry-mirror docker.io=b.example/x ' +
        '--registry-certificate r.example:5000=ca.pem --registry-certificate r.example:5000=/ca2.pem ' +
        '--registry-client-cert r.example:5000=c.pem,k.pem --skip-default-registry-fallback',
    ),
    {
      hosts: {
        '*': { insecure: true },
        'r.example:5000': {
          insecure: true,
          ca: ['/w/ca.pem', '/ca2.pem'],
          clientCertificate: { cert: '/w/c.pem', key: '/w/k.pem' },
        },
        'docker.io': { mirrors: ['a.example', 'b.example/x'] },
      },
      mirrorsOnly: true,
    },
  );
  assert.equal(
    read(
      '--creds me:a:b --authfile auth.json --cert-dir certs --retry 2 --retry-delay 3 ' +
        '--skip-push-permission-check --push-ignore-immutable-tag-errors',
    ),
    {
      login: { username: 'me', password: 'a:b' },
      authFile: '/w/auth.json',
      certFolder: '/w/certs',
      skipPushCheck: true,
      ignoreImmutableTags: true,
      retries: 2,
      retryDelay: 3000,
    },
  );
  assert.equal(read('--retry-delay 250ms'), { retryDelay: 250 });
});

test('a login is for the registries that are pushed to, where any is', () => {
  const request = (names: string[], push: boolean): BuildRequest =>
    ({ tags: names, outputs: [{ type: 'image', ...(push ? { push: {} } : {}) }] }) as unknown as BuildRequest;
  assert.is(pushedRegistries([request(['app'], false)]), undefined);
  const pushedTo = pushedRegistries([
    request(['app', 'r.example/a:1'], true),
    request(['r.example/b'], true),
  ]);
  assert.equal(pushedTo, ['docker.io', 'r.example']);
  const given = parseArguments(registryFlags, ['--creds=me:p'], 'slipway x');
  assert.equal(readRegistrySettings({ ...given, pushedTo }, nowhere), {
    login: { username: 'me', password: 'p', registries: pushedTo },
  });
});

test('what makes no sense is told, and no password', () => {
  for (const line of [
    '--insecure https://r.example',
    '--registry-certificate ca.pem',
    '--registry-client-cert r.example=cert.pem',
    '--registry-mirror docker.io=https://m.example',
    '--retry many',
    '--retry-delay soon',
    '--skip-default-registry-fallback',
    '--config /nonexistent/config.json',
  ])
    assert.is(failure(line).code, 'ERR_USAGE', line);
  assert.not.match(failure('--creds s3cret').message, 's3cret');
});

async function withConfig(
  content: unknown,
  work: (session: typeof nowhere, path: string) => void,
): Promise<void> {
  await using dir = await tempDir();
  const path = dir.file('.config', 'slipway', 'config.json');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  work({ ...nowhere, home: dir.path }, path);
}

test('the configuration file says the same, its paths relative to it; flags go over it', async () => {
  const host = {
    mirrors: ['m.example/x'],
    insecure: true,
    chunkSize: 9,
    ca: 'ca.pem',
    cert: 'c.pem',
    key: '/k.pem',
  };
  await withConfig({ registries: { 'R.example': host }, retries: 7, retryDelay: 10 }, (session, path) => {
    const own = {
      mirrors: ['m.example/x'],
      insecure: true,
      chunkSize: 9,
      ca: [`${dirname(path)}/ca.pem`],
      clientCertificate: { cert: `${dirname(path)}/c.pem`, key: '/k.pem' },
    };
    assert.equal(read('', session), { hosts: { 'r.example': own }, retries: 7, retryDelay: 10 });
    assert.equal(read('--registry-mirror r.example=n.example --retry 1', session), {
      hosts: { 'r.example': { ...own, mirrors: ['n.example'] } },
      retries: 1,
      retryDelay: 10,
    });
    for (const where of [read(`--config ${path}`), read('', { ...nowhere, env: { SLIPWAY_CONFIG: path } })])
      assert.is(where?.retries, 7);
  });
});

test('a file with a mistake is refused, a key that is nearly right with the right one', async () => {
  const wrong: [unknown, RegExp][] = [
    ['{', /not JSON/],
    ['[]', /no JSON object/],
    [{ registires: {} }, /no key "registires"[\s\S]*did you mean registries/],
    [{ registries: { 'r.example': { mirror: [] } } }, /registries\.r\.example[\s\S]*did you mean mirrors/],
    [{ registries: { 'https://r.example': {} } }, /no name of a registry/],
    [{ registries: { 'r.example': { insecure: 'yes' } } }, /true or false/],
    [{ registries: { 'r.example': { cert: 'c.pem' } } }, /both "cert" and "key"/],
    [{ registries: { 'r.example': { mirrors: [1] } } }, /list of texts/],
    [{ registries: { 'r.example': { mirrors: 'https://m.example' } } }, /no mirror[\s\S]*write host/],
    [{ retries: -1 }, /whole number/],
  ];
  for (const [content, says] of wrong) {
    await withConfig(content, (session) => {
      const error = failure('', session);
      assert.is(error.code, 'ERR_USAGE');
      assert.match(`${error.message}\n${error.hint}`, says);
    });
  }
});

test.run();
