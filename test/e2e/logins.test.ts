// Many logins and logouts at once, each a process of its own, into one file: none is lost, and what else the file says stays.
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slipway } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('e2e logins side by side');
const count = 10;

async function startRegistries(): Promise<Server[]> {
  const servers = Array.from({ length: count }, () => createServer((_, response) => response.end('{}')));
  await Promise.all(
    servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
  );
  return servers;
}

test('ten logins at once are all kept; logouts beside new logins take away their own alone', async () => {
  await using dir = await tempDir();
  const servers = await startRegistries();
  const hosts = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
  const real = dir.file('real/config.json');
  const read = async () => JSON.parse(await readFile(real, 'utf8'));
  await mkdir(dir.file('real'));
  await mkdir(dir.file('docker'));
  await symlink('../real/config.json', dir.file('docker/config.json'));
  const run = async (args: string[]): Promise<void> => {
    const env = { DOCKER_CONFIG: dir.file('docker'), REGISTRY_AUTH_FILE: undefined };
    const { code, stderr } = await slipway(args, { root: dir.file('state'), env });
    assert.is(code, 0, stderr);
  };
  const login = (host: string) => run(['login', '-u', 'someone', '-p', `of ${host}`, host]);
  try {
    // The link leads to nothing yet.
    await Promise.all(hosts.slice(1).map(login));
    assert.equal(Object.keys((await read()).auths).sort(), hosts.slice(1).sort());
    await writeFile(
      real,
      JSON.stringify({ ...(await read()), psFormat: 'kept', plugins: { a: { b: 'c' } } }),
    );
    const leaving = hosts.slice(1, 6);
    await Promise.all([login(hosts[0]!), ...leaving.map((host) => run(['logout', host]))]);
    const { auths, ...others } = await read();
    assert.equal(Object.keys(auths).sort(), hosts.filter((host) => !leaving.includes(host)).sort());
    assert.equal(others, { psFormat: 'kept', plugins: { a: { b: 'c' } } });
    assert.is((await stat(real)).mode & 0o777, 0o600);
    assert.equal(Buffer.from(auths[hosts[0]!].auth, 'base64').toString(), `someone:of ${hosts[0]}`);
  } finally {
    for (const server of servers) server.close();
  }
});

test.run();
