// Agents as OpenSSH's own tools see them: keys in this process, and the user's agent behind a filter.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Agent, createForwardedAgent, createKeyAgent } from '../../src/ssh/agent.ts';
import { parseAgentKey } from '../../src/ssh/agent-key.ts';
import { readMessages } from '../../src/ssh/messages.ts';
import { serveAgent } from '../../src/ssh/serve-agent.ts';
import { createSshReader, sshInteger, sshString } from '../../src/ssh/wire.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, mustRun, runCommand } from '../support/run-command.ts';
import { until } from '../support/step-bench.ts';
import { tempDir } from '../support/temp-dir.ts';

const haveTools = ['ssh-keygen', 'ssh-add', 'ssh-agent'].every((name) => findProgram(name) !== undefined);
const test = suite('ssh/agent');

function it(title: string, body: (folder: string) => Promise<void>): void {
  test(title, async () => {
    if (!requireFeature('openssh-client', haveTools)) return;
    await using dir = await tempDir();
    await body(dir.path);
  });
}

const kinds = [
  ...[['ed25519'], ['rsa', '-b', '2048'], ['rsa', '-b', '2048', '-m', 'PEM'], ['rsa', '-m', 'PKCS8']],
  ...[
    ['ecdsa', '-b', '256'],
    ['ecdsa', '-b', '384'],
    ['ecdsa', '-b', '521'],
    ['ecdsa', '-m', 'PEM'],
  ],
];

async function makeKey(folder: string, kind: readonly string[], passphrase = ''): Promise<string> {
  const path = join(folder, `key-${kind.join('')}`);
  await mustRun(['ssh-keygen', '-q', '-N', passphrase, '-C', 'me', '-f', path, '-t', ...kind]);
  return path;
}

const readKey = (path: string) => parseAgentKey(readFileSync(path, 'utf8'), path);

async function serve(agent: Agent, folder: string) {
  const path = join(folder, 'a'.repeat(120), 'agent');
  mkdirSync(join(folder, 'a'.repeat(120)), { recursive: true });
  const served = await serveAgent(agent, { path, uid: 0, gid: 0, mode: 0o600 });
  // A client's address is as short as ours must be: it looks from the folder.
  const cwd = join(folder, 'a'.repeat(120));
  const add = (...words: string[]) =>
    runCommand(['ssh-add', ...words], { cwd, env: { SSH_AUTH_SOCK: 'agent' } });
  return { path, add, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

it('keys of every kind are listed and sign', async (folder) => {
  const paths = await Promise.all(kinds.map((kind) => makeKey(folder, kind)));
  await using served = await serve(createKeyAgent(paths.map(readKey)), folder);
  const listed = await served.add('-L');
  const wanted = paths.map((path) => readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' '));
  assert.equal(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => line.trim()),
    wanted,
  );
  const tried = await served.add('-T', ...paths.map((path) => `${path}.pub`));
  assert.is(tried.code, 0, tried.stderr);
});

it('a client can do nothing but list and sign', async (folder) => {
  const [held, other] = await Promise.all([makeKey(folder, ['ed25519']), makeKey(folder, ['ecdsa'])]);
  await using served = await serve(createKeyAgent([readKey(held)]), folder);
  for (const words of [['-D'], ['-d', `${held}.pub`], [other], ['-T', `${other}.pub`], ['-X']]) {
    assert.is.not((await served.add(...words)).code, 0, words.join(' '));
  }
  assert.is((await served.add('-L')).stdout.split('\n').length, 2);
});

it('the user’s own agent is forwarded, and its keys stay', async (folder) => {
  const key = await makeKey(folder, ['ed25519']);
  const socket = join(folder, 'own');
  const started = await mustRun(['ssh-agent', '-s', '-a', socket]);
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)![1]);
  try {
    await mustRun(['ssh-add', '-q', key], { env: { SSH_AUTH_SOCK: socket } });
    await using served = await serve(createForwardedAgent(socket), folder);
    assert.match((await served.add('-L')).stdout, 'ssh-ed25519 ');
    assert.is((await served.add('-T', `${key}.pub`)).code, 0);
    assert.is.not((await served.add('-D')).code, 0);
    assert.match((await served.add('-L')).stdout, 'ssh-ed25519 ');
  } finally {
    process.kill(pid);
  }
  // It removes its socket before it ends.
  await until(() => !existsSync(socket));
  await using lost = await serve(createForwardedAgent(socket), join(folder, 'lost'));
  assert.is.not((await lost.add('-L')).code, 0);
});

it('the socket has its owner and mode, and is gone at the end', async (folder) => {
  const path = join(folder, 'agent');
  const served = await serveAgent(createKeyAgent([]), { path, uid: 77, gid: 88, mode: 0o640 });
  const { mode, uid, gid } = statSync(path);
  assert.equal([mode & 0o7777, uid, gid], [0o640, 77, 88]);
  const client = connect(path);
  await new Promise((resolve) => client.once('connect', resolve));
  const gone = new Promise((resolve) => client.once('close', resolve));
  client.resume();
  await served[Symbol.asyncDispose]();
  await gone;
  assert.not.ok(existsSync(path));
});

it('a key that can not be used is named, and nothing of it', async (folder) => {
  const locked = await makeKey(folder, ['ed25519'], 'secret');
  const pem = await makeKey(folder, ['rsa', '-m', 'PEM'], 'secret');
  const text = readFileSync(await makeKey(folder, ['ecdsa']), 'utf8');
  const cases: [string, RegExp][] = [
    [readFileSync(locked, 'utf8'), /passphrase/],
    [readFileSync(pem, 'utf8'), /passphrase/],
    ['s3cret no key', /no private key/],
    [text.slice(0, 200), /no private key/],
    [text.replace(/\n[^\n]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), /no private key/],
  ];
  for (const [content, message] of cases) {
    const path = join(folder, 'bad');
    writeFileSync(path, content);
    try {
      readKey(path);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, message);
      assert.not.match(`${(error as Error).message}${(error as Error).cause}`, 's3cret');
    }
  }
});

test('requests that are broken or endless end the conversation', async () => {
  const conversation = createKeyAgent([])();
  for (const request of [[], [13], [13, 0, 0, 0, 9], [99], [27, 0, 0, 0, 1, 65]]) {
    assert.equal([...(await conversation.ask(Buffer.from(request)))], [5]);
  }
  async function* stream(...parts: number[][]): AsyncGenerator<Buffer> {
    for (const part of parts) yield Buffer.from(part);
  }
  const read = async (...parts: number[][]): Promise<number[][]> => {
    const messages: number[][] = [];
    for await (const message of readMessages(stream(...parts))) messages.push([...message]);
    return messages;
  };
  assert.equal(await read([0, 0], [0, 1, 11, 0, 0, 0, 2, 1], [2, 0, 0]), [[11], [1, 2]]);
  assert.equal(await read([0, 0, 0, 0, 0, 0, 0, 1, 11]), []);
  assert.equal(await read([255, 255, 255, 255, 1]), []);
});

test('integers and strings are those of the RFC', () => {
  // The examples of RFC 4251, section 5.
  assert.is(sshInteger(Buffer.alloc(0)).toString('hex'), '00000000');
  assert.is(sshInteger(Buffer.from('09a378f9b2e332a7', 'hex')).toString('hex'), '0000000809a378f9b2e332a7');
  assert.is(sshInteger(Buffer.from('000080', 'hex')).toString('hex'), '000000020080');
  assert.is(createSshReader(sshString('testing')).text(), 'testing');
  assert.throws(() => createSshReader(Buffer.from([0, 0, 0, 2, 1])).bytes(), 'too early');
});

test.run();
