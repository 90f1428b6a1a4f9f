import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configPath, createCredentials } from '../../src/registry/credentials.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('credentials');
const { signal } = new AbortController();
const path = process.env['PATH'];

function auth(text: string): { auth: string } {
  return { auth: Buffer.from(text).toString('base64') };
}

function password(username: string, secret: string) {
  return { type: 'password', username, password: secret };
}

/** What is found for a registry where `config` is the Docker configuration (text as it is, objects as JSON). */
async function lookup(
  config: object | string,
  registry: string,
  options: { repository?: string; helpers?: Record<string, string> } = {},
) {
  await using dir = await tempDir();
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  await writeFile(dir.file('config.json'), text);
  for (const [name, script] of Object.entries(options.helpers ?? {})) {
    await writeFile(dir.file(`docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    await chmod(dir.file(`docker-credential-${name}`), 0o755);
  }
  const env = { DOCKER_CONFIG: dir.path, PATH: `${dir.path}:${path}` };
  const found = await createCredentials(env).lookup(registry, options.repository ?? 'app', signal);
  return found?.credential;
}

test('the file is that of REGISTRY_AUTH_FILE, of DOCKER_CONFIG, or in the home directory', async () => {
  assert.is(configPath({ REGISTRY_AUTH_FILE: '/a.json', DOCKER_CONFIG: '/d', HOME: '/h' }), '/a.json');
  assert.is(configPath({ DOCKER_CONFIG: '/d', HOME: '/h' }), '/d/config.json');
  assert.is(configPath({ HOME: '/h' }), '/h/.docker/config.json');
  await using dir = await tempDir();
  const file = dir.file('.docker', 'config.json');
  await mkdir(dirname(file));
  await writeFile(file, JSON.stringify({ auths: { 'r.example': auth('u:p') } }));
  const found = await createCredentials({ HOME: dir.path }).lookup('r.example', 'app', signal);
  assert.equal(found, { credential: password('u', 'p'), source: file });
});

test('other files are asked after that of docker, and a given login or file alone', async () => {
  await using dir = await tempDir();
  const write = async (path: string[], auths: object): Promise<string> => {
    const file = dir.file(...path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ auths }));
    return file;
  };
  await write(['.docker', 'config.json'], { 'a.example': auth('docker:p') });
  await write(['run', 'containers', 'auth.json'], {
    'a.example': auth('podman:p'),
    'b.example/team': auth('team:p'),
    'b.example': auth('podman:p'),
  });
  await write(['.config', 'containers', 'auth.json'], { 'c.example': auth('late:p') });
  const only = await write(['only.json'], { 'a.example': auth('only:p') });
  const env = { HOME: dir.path, XDG_RUNTIME_DIR: dir.file('run') };
  const who = async (registry: string, repository: string, settings = {}): Promise<string | undefined> => {
    const found = await createCredentials(env, settings).lookup(registry, repository, signal);
    return found?.credential.type === 'password' ? found.credential.username : undefined;
  };
  assert.is(await who('a.example', 'app'), 'docker');
  assert.is(await who('b.example', 'team/app'), 'team');
  assert.is(await who('b.example', 'app'), 'podman');
  assert.is(await who('c.example', 'app'), 'late');
  assert.is(await who('a.example', 'app', { authFile: only }), 'only');
  assert.is(await who('b.example', 'app', { authFile: only }), undefined);
  const login = { username: 'me', password: 'p', registries: ['b.example'] };
  assert.is(await who('b.example', 'app', { login }), 'me');
  assert.is(await who('a.example', 'app', { login }), 'docker');
});

test('no file, an empty file or no entry is no login', async () => {
  const nothing = createCredentials({ HOME: '/nonexistent' });
  assert.is(await nothing.lookup('docker.io', 'library/busybox', signal), undefined);
  for (const config of [
    '',
    '{}',
    { auths: null },
    { auths: { 'r.example': null } },
    { auths: { 'r.example': {} } },
  ])
    assert.is(await lookup(config, 'r.example'), undefined);
  assert.is(await lookup({ auths: { 'other.example': auth('u:p') } }, 'r.example'), undefined);
});

test('a login is an auth text, a name and a password, or an identity token', async () => {
  const config = {
    auths: {
      'a.example': auth('u:p:with:colons'),
      'b.example': { username: 'u', password: 'p' },
      'c.example': { ...auth('u:p'), identitytoken: 'id' },
    },
  };
  assert.equal(await lookup(config, 'a.example'), password('u', 'p:with:colons'));
  assert.equal(await lookup(config, 'b.example'), password('u', 'p'));
  assert.equal(await lookup(config, 'c.example'), { type: 'token', identityToken: 'id' });
});

test("Docker Hub's login is found under its old address", async () => {
  for (const key of ['https://index.docker.io/v1/', 'docker.io', 'https://registry-1.docker.io'])
    assert.equal(await lookup({ auths: { [key]: auth('u:p') } }, 'docker.io'), password('u', 'p'));
  assert.is(await lookup({ auths: { 'https://index.docker.io/v1/': auth('u:p') } }, 'r.example'), undefined);
});

test('a host is found with its port, whatever scheme and path its key has', async () => {
  for (const key of ['r.example:5000', 'http://r.example:5000', 'https://R.example:5000/v2/'])
    assert.equal(await lookup({ auths: { [key]: auth('u:p') } }, 'r.example:5000'), password('u', 'p'));
  assert.is(await lookup({ auths: { 'r.example': auth('u:p') } }, 'r.example:5000'), undefined);
});

test('the login of the nearest namespace wins', async () => {
  const config = {
    auths: {
      'r.example': auth('all:p'),
      'r.example/team': auth('team:p'),
      'r.example/team/app': auth('app:p'),
    },
  };
  assert.equal(await lookup(config, 'r.example', { repository: 'team/app' }), password('app', 'p'));
  assert.equal(await lookup(config, 'r.example', { repository: 'team/x' }), password('team', 'p'));
  assert.equal(await lookup(config, 'r.example', { repository: 'x' }), password('all', 'p'));
});

test('a broken file is named and not quoted', async () => {
  const broken = [
    '{"auths": {"r.example": {"auth": "secret"',
    '[]',
    '7',
    { auths: [] },
    { credHelpers: 'x' },
    { auths: { 'r.example': { auth: 'bm8gY29sb24=' } } },
  ];
  for (const config of broken) {
    const error = await rejects(
      lookup(config, 'r.example'),
      'ERR_UNAUTHORIZED',
      /config\.json can't be used: /,
    );
    assert.not.match(error.message, 'secret');
  }
  await using dir = await tempDir();
  const unreadable = createCredentials({ REGISTRY_AUTH_FILE: dir.path });
  await rejects(unreadable.lookup('r.example', 'app', signal), 'ERR_UNAUTHORIZED', /EISDIR/);
});

const answers = 'read server; echo "{\\"Username\\":\\"$server\\",\\"Secret\\":\\"s\\"}"';

test('a helper is asked for the registry, one of its own before the store of all', async () => {
  const config = { credsStore: 'all', credHelpers: { 'r.example': 'own' } };
  const helpers = { all: answers, own: 'echo \'{"Username":"<token>","Secret":"id"}\'' };
  assert.equal(await lookup(config, 'r.example', { helpers }), { type: 'token', identityToken: 'id' });
  assert.equal(await lookup(config, 'x.example', { helpers }), password('x.example', 's'));
  assert.equal(await lookup(config, 'docker.io', { helpers }), password('https://index.docker.io/v1/', 's'));
});

test('what a helper does not hold may be in the file', async () => {
  const helpers = { all: 'echo "credentials not found in native keychain"; exit 1' };
  const config = { credsStore: 'all', auths: { 'r.example': auth('u:p') } };
  assert.equal(await lookup(config, 'r.example', { helpers }), password('u', 'p'));
  assert.is(await lookup(config, 'x.example', { helpers }), undefined);
});

test('a helper that is missing, fails or talks nonsense is named', async () => {
  const config = { credsStore: 'all' };
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /docker-credential-all is not on PATH/],
    [{ all: 'echo "locked vault"; exit 3' }, /failed for r\.example: locked vault/],
    [{ all: 'exit 3' }, /exit code 3/],
    [{ all: 'echo hello' }, /not JSON/],
    [{ all: 'echo "{}"' }, /without Username and Secret/],
    [{ all: 'echo null' }, /without Username and Secret/],
  ];
  for (const [helpers, says] of cases)
    await rejects(lookup(config, 'r.example', { helpers }), 'ERR_UNAUTHORIZED', says);
  await rejects(lookup({ credsStore: '../../evil' }, 'r.example'), 'ERR_UNAUTHORIZED', /no name/);
});

test('an abort ends a helper that hangs', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  await using dir = await tempDir();
  await writeFile(dir.file('config.json'), '{"credsStore":"slow"}');
  await writeFile(dir.file('docker-credential-slow'), '#!/bin/sh\nexec sleep 600\n');
  await chmod(dir.file('docker-credential-slow'), 0o755);
  const env = { DOCKER_CONFIG: dir.path, PATH: `${dir.path}:${path}` };
  const outcome = createCredentials(env)
    .lookup('r.example', 'app', controller.signal)
    .catch((error: unknown) => error);
  setImmediate(() => controller.abort(reason));
  assert.is(await outcome, reason);
});

test.run();
