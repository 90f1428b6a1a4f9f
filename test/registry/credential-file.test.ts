import { chmod, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentialFile } from '../../src/registry/credential-file.ts';
import { createCredentials } from '../../src/registry/credentials.ts';
import { rejects } from '../support/rejects.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('credential file');
const { signal } = new AbortController();
const login = { username: 'alice', password: 's:ecret' };

const envOf = (dir: TempDir) => ({
  DOCKER_CONFIG: dir.file('config'),
  PATH: `${dir.path}:${process.env['PATH']}`,
});
const read = async (dir: TempDir) => JSON.parse(await readFile(dir.file('config', 'config.json'), 'utf8'));

test('a kept login is found again, and nobody else may read the file', async () => {
  await using dir = await tempDir();
  const env = envOf(dir);
  const file = createCredentialFile({ env });
  assert.is(await file.keep('r.example', login, signal), dir.file('config', 'config.json'));
  await file.keep('docker.io', { username: 'bob', password: 'p' }, signal);
  const found = await createCredentials(env).lookup('r.example', 'app', signal);
  assert.equal(found?.credential, { type: 'password', ...login });
  const hub = await createCredentials(env).lookup('docker.io', 'library/app', signal);
  assert.equal(hub?.credential, { type: 'password', username: 'bob', password: 'p' });
  assert.is((await stat(dir.file('config', 'config.json'))).mode & 0o777, 0o600);
  assert.equal(Object.keys((await read(dir)).auths), ['r.example', 'https://index.docker.io/v1/']);
});

test('the rest of the file stays, and another spelling of the registry is replaced', async () => {
  await using dir = await tempDir();
  const file = createCredentialFile({ env: envOf(dir) });
  await file.keep('other.example', login, signal);
  const config = { ...(await read(dir)), psFormat: 'x', HttpHeaders: { a: 'b' } };
  config.auths['https://r.example/v2/'] = { auth: 'b2xkOm9sZA==' };
  await writeFile(dir.file('config', 'config.json'), JSON.stringify(config));
  await file.keep('r.example', login, signal);
  const { auths, ...others } = await read(dir);
  assert.equal(others, { psFormat: 'x', HttpHeaders: { a: 'b' } });
  assert.equal(Object.keys(auths).sort(), ['other.example', 'r.example']);
});

test('a login is forgotten once', async () => {
  await using dir = await tempDir();
  const file = createCredentialFile({ env: envOf(dir) });
  assert.is(await file.forget('r.example', signal), false);
  await file.keep('r.example', login, signal);
  await file.keep('other.example', login, signal);
  assert.is(await file.forget('r.example', signal), true);
  assert.is(await file.forget('r.example', signal), false);
  assert.equal(Object.keys((await read(dir)).auths), ['other.example']);
});

test('a link to the file stays a link', async () => {
  await using dir = await tempDir();
  await writeFile(dir.file('real.json'), '{}');
  await symlink(dir.file('real.json'), dir.file('link.json'));
  await createCredentialFile({ env: {}, file: dir.file('link.json') }).keep('r.example', login, signal);
  assert.ok(JSON.parse(await readFile(dir.file('real.json'), 'utf8')).auths['r.example']);
});

test('a credential helper keeps the password, and the file does not', async () => {
  await using dir = await tempDir();
  const script = `#!/bin/sh
case "$1" in
  store) cat > "${dir.file('kept')}" ;;
  erase) rm "${dir.file('kept')}" ;;
  *) exit 1 ;;
esac
`;
  await writeFile(dir.file('docker-credential-box'), script);
  await chmod(dir.file('docker-credential-box'), 0o755);
  await writeFile(dir.file('config.json'), JSON.stringify({ credHelpers: { 'r.example': 'box' } }));
  const file = createCredentialFile({
    env: { PATH: `${dir.path}:${process.env['PATH']}` },
    file: dir.file('config.json'),
  });
  assert.is(await file.keep('r.example', login, signal), 'docker-credential-box');
  const kept = JSON.parse(await readFile(dir.file('kept'), 'utf8'));
  assert.equal(kept, { ServerURL: 'r.example', Username: 'alice', Secret: 's:ecret' });
  const text = await readFile(dir.file('config.json'), 'utf8');
  assert.not.match(text, /ecret|auth":/);
  assert.is(await file.forget('r.example', signal), true);
  await rejects(file.forget('r.example', signal), 'ERR_UNAUTHORIZED', /docker-credential-box failed/);
});

test('a file that is not what it should be is left alone, and not quoted', async () => {
  await using dir = await tempDir();
  for (const text of ['{"auths": secret', '[]', '{"auths": 1}']) {
    await writeFile(dir.file('c.json'), text);
    const file = createCredentialFile({ env: {}, file: dir.file('c.json') });
    const error = await file.keep('r.example', login, signal).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    assert.match(error?.message ?? '', /no configuration of Docker/);
    assert.not.match(String(error), /secret/);
    assert.is(await readFile(dir.file('c.json'), 'utf8'), text);
  }
});

test.run();
