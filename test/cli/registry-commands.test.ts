// pull, push, copy, tags, search, login and logout as people type them, against a real registry.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Session } from '../../src/cli/session.ts';
import { createTestSession } from '../support/cli-session.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { pushImage } from '../support/push-image.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { smallImage } from '../support/small-image.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('registry commands');
const image = smallImage();
const { digest, size } = image.manifest;
/** Of the password `secret`, with bcrypt's least cost. */
const htpasswd = 'alice:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

async function* piped(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

test('log in, pull, push, copy, list, log out', async () => {
  if (!requireFeature('docker-registry', hasDockerRegistry())) return;
  await using dir = await tempDir();
  const { host, stop } = await startDockerRegistry({ htpasswd });
  const run = async (argv: string[], changes: Partial<Session> = {}) => {
    const env = {
      DOCKER_CONFIG: dir.file('docker'),
      SLIPWAY_ROOT: dir.file('state'),
      HOME: dir.file('home'),
    };
    const session = createTestSession({ env, cwd: dir.path, home: dir.file('home'), ...changes });
    await dispatch(argv, session);
    return { out: session.out.text(), err: session.err.text() };
  };
  try {
    await pushImage({ host, repository: 'app', login: 'alice:secret' }, image, '1');
    const source = `${host}/app:1`;
    await rejects(run(['pull', source]), 'ERR_UNAUTHORIZED', new RegExp(`slipway login ${host}`));

    const login = ['login', '-u', 'alice', '--password-stdin', `https://${host}/v2/`];
    await rejects(run(login, { stdin: piped('wrong\n') }), 'ERR_UNAUTHORIZED', /does not take the login/);
    const logged = await run(login, { stdin: piped('secret\n') });
    assert.is(logged.out, 'Login Succeeded\n');
    assert.match(logged.err, /kept in .*config\.json/);

    assert.is(
      (await run(['pull', source])).out,
      `Digest: ${digest}\nStatus: Downloaded newer image for ${source}\n${source}\n`,
    );
    assert.match((await run(['pull', source])).out, /Status: Image is up to date/);
    assert.is((await run(['pull', '-q', source])).out, `${source}\n`);

    const pushed = await run(['push', '--digest-file', 'digest', source]);
    assert.is(pushed.out, `${source}: digest: ${digest} size: ${size}\n`);
    assert.is(readFileSync(dir.file('digest'), 'utf8'), digest);

    const copied = await run(['copy', `${host}/app@${digest}`, `${host}/prod/app:2`]);
    assert.is(copied.out, `${host}/prod/app:2@${digest}\n`);
    assert.is((await run(['tags', `${host}/prod/app`])).out, '2\n');
    assert.equal(JSON.parse((await run(['search', '--format=json', `${host}/prod`])).out), [
      `${host}/prod/app`,
    ]);

    assert.is((await run(['logout', host])).out, `Removed the login credentials for ${host}\n`);
    assert.is((await run(['logout', host])).out, `Not logged in to ${host}\n`);
  } finally {
    await stop();
  }
});

test('a login on the command line goes to where something is pushed, and nowhere else', async () => {
  if (!requireFeature('docker-registry', hasDockerRegistry())) return;
  await using dir = await tempDir();
  const from = await startDockerRegistry({ htpasswd });
  const to = await startDockerRegistry({ htpasswd });
  const run = async (...argv: string[]) => {
    const env = { DOCKER_CONFIG: dir.file('docker'), SLIPWAY_ROOT: dir.file('state') };
    await dispatch(argv, createTestSession({ env, cwd: dir.path, home: dir.file('home') }));
  };
  try {
    await pushImage({ host: from.host, repository: 'app', login: 'alice:secret' }, image, '1');
    const source = `${from.host}/app:1`;
    const copy = ['copy', '--creds', 'alice:secret', source];
    await rejects(run(...copy, `${to.host}/app:1`), 'ERR_UNAUTHORIZED', new RegExp(from.host));
    await run(...copy, `${from.host}/other:1`);
    await run('pull', '--creds', 'alice:secret', source);
    await rejects(run('login', '--creds', 'alice:secret', to.host), 'ERR_USAGE', /--creds/);
    await rejects(run('logout', '--insecure', to.host, to.host), 'ERR_USAGE', /--insecure/);
  } finally {
    await Promise.all([from.stop(), to.stop()]);
  }
});

test('a login that is not there can be typed at a terminal, and the password is not shown', async () => {
  const { readPassword, readWord } = await import('../../src/cli/commands/registry/ask.ts');
  const raw: boolean[] = [];
  const typed = ['al', 'ice\r', 'secrez\u007ft', '\r'];
  const stdin = Object.assign(
    (async function* () {
      for (const text of typed) yield Buffer.from(text);
    })(),
    { isTTY: true, setRawMode: (on: boolean) => raw.push(on) },
  );
  const session = createTestSession({ stdin });
  assert.is(await readWord('Username: ', session), 'alice');
  assert.is(await readPassword('Password: ', session), 'secret');
  assert.equal(raw, [true, false]);
  assert.is(session.err.text(), 'Username: Password: \n');
});

test('what is asked for wrongly is told before any registry is asked', async () => {
  const wrong: [string[], RegExp][] = [
    [['pull'], /exactly one image; none is given/],
    [['push', 'a', 'b'], /exactly one image; these are given: "a", "b"/],
    [['copy', 'a'], /a source and a destination/],
    [['search', 'nginx'], /names no registry/],
    [['login', '--password-stdin'], /needs --username/],
    [['login', '-u', 'a', '-p', 'b', '--password-stdin'], /both given/],
    [['login', '-u', 'a:b', '--password-stdin'], /no colon/],
    [['login', 'a b'], /takes one registry/],
    [['login'], /no terminal to ask at/],
    [['logout', 'a', 'b'], /takes one registry/],
  ];
  for (const [argv, message] of wrong) {
    const session = createTestSession({ stdin: piped('x') });
    await rejects(dispatch(argv, session), 'ERR_USAGE', message);
  }
});

test.run();
