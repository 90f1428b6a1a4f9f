// What servers, repositories, editors and helpers say: git's answers, the messages of a language client, files and programs with logins.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { isSlipwayError } from '../../../src/errors.ts';
import { isGitReference, parseGitReference } from '../../../src/graph/git-reference.ts';
import { fixText } from '../../../src/lint/fix-text.ts';
import { lintText } from '../../../src/lint/lint-text.ts';
import type { LintHost } from '../../../src/lsp/host.ts';
import { serve } from '../../../src/lsp/serve.ts';
import { createCredentialFile } from '../../../src/registry/credential-file.ts';
import { createCredentials } from '../../../src/registry/credentials.ts';
import { chooseRef } from '../../../src/source/git-refs.ts';
import { parseGitRemote, submoduleRemote } from '../../../src/source/git-remote.ts';
import { readSubmodules } from '../../../src/source/git-submodules.ts';
import { documents, type FuzzTarget, must, texts } from '../fuzz-target.ts';
import { fixtureFiles } from './dockerfiles.ts';

const commit = 'a'.repeat(40);

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return undefined;
  }
}

/** Nothing that git could take for an option or for more than one ref. */
const isRef = (ref: string): boolean =>
  /^(HEAD|refs\/[^\s:+^~?*[\\-][^\s:^~?*[\\]*|[0-9a-f]{40,64})$/i.test(ref) && !ref.includes('..');

const git: FuzzTarget = {
  name: 'git',
  corpus: () =>
    texts(
      `ref: refs/heads/main\tHEAD\n${commit}\tHEAD\n${commit}\trefs/heads/main\n${commit}\trefs/tags/v1\n${commit}\trefs/tags/v1^{}\n`,
      'submodule.a.path\nx/y\0submodule.a.url\n../b.git\0submodule.b.url\nhttps://other.example.com/c\0submodule.b.path\nz\0',
      'https://user:pass@example.com/a.git?branch=main&subdir=x#v1:sub',
      'ssh://git@example.com:22/a.git',
      'git@example.com:a/b.git#main',
      '../../../../etc',
      './x',
    ),
  words: [
    ...[
      '--upload-pack=touch',
      '-c',
      '--',
      '+refs/*:refs/*',
      'ref: ',
      '\tHEAD\n',
      'refs/heads/',
      '^{}',
      ':',
      '..',
      '@{',
      '//',
    ],
    ...[
      'file:///etc',
      'ext::sh -c x',
      '\0',
      '\n',
      '\r',
      '%00',
      '%0a',
      '%2e%2e',
      '\\',
      'submodule.',
      '.path\n',
      '.url\n',
      '.git',
      '-',
    ],
  ],
  run(input) {
    const text = input.toString('utf8');
    for (const ref of [undefined, 'HEAD', 'v1', 'refs/heads/main']) {
      const chosen = chooseRef(text, ref);
      if (chosen) must(isRef(chosen.ref), `git is asked for ${JSON.stringify(chosen.ref)}`);
    }
    const parent = parseGitRemote('https://u:secret@example.com/a/b.git');
    const checkRemote = (url: string, host: string): void => {
      must(/^(https?|ssh|git):\/\/[^-]|^\w[\w.-]*@\w/i.test(url), `git is given ${JSON.stringify(url)}`);
      must(!host.startsWith('-') && !/[\0\n]/.test(url), `git is given the host ${JSON.stringify(host)}`);
      must(!url.includes('secret'), 'an address holds its login');
    };
    for (const [path, url] of readSubmodules(text)) {
      must(typeof path === 'string', 'a path');
      const remote = attempt(() => submoduleRemote(parent, url));
      if (remote === undefined) continue;
      checkRemote(remote.url, remote.host);
      if (remote.login?.includes(parent.login!))
        must(remote.url.startsWith('https://example.com/'), `a login goes to ${remote.url}`);
    }
    for (const line of [text, ...text.split('\n').slice(0, 8)]) {
      if (!isGitReference(line)) continue;
      const reference = attempt(() => parseGitReference(line));
      if (reference?.ref !== undefined)
        must(!/^[-+]|[\s:]/.test(reference.ref), `a ref ${JSON.stringify(reference.ref)}`);
      if (reference !== undefined) must(!reference.subdir.split('/').includes('..'), 'a folder leads out');
      const remote = reference && attempt(() => parseGitRemote(reference.remote));
      if (remote)
        must(
          !remote.url.startsWith('-') && !/[\0\n]/.test(remote.url),
          `git is given ${JSON.stringify(remote.url)}`,
        );
    }
  },
};

const host: LintHost = {
  lint: ({ text }) => Promise.resolve({ findings: lintText(text, 'Dockerfile'), warnings: [] }),
  tryOut: ({ text }) => Promise.resolve(lintText(text, 'Dockerfile')),
  mend: async ({ text }) => (await fixText(text, 'Dockerfile', { level: 'safe' })).text,
  stamp: () => '',
  page: () => undefined,
  pageUri: () => undefined,
};

const framed = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** Has a server read messages and gives what it answers. */
async function conversation(
  bodies: readonly string[],
): Promise<{ code: number; answers: Map<unknown, { code?: number; message?: string }> }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const chunks: Buffer[] = [];
  output.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = serve({
    input,
    output,
    host,
    version: '1',
    parent: undefined,
    signal: new AbortController().signal,
  });
  const last = JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'shutdown' });
  for (const body of [...bodies, last]) input.write(framed(body));
  const isAnswered = (): boolean => Buffer.concat(chunks).includes('"id":"last"');
  const until = performance.now() + 10_000;
  while (!isAnswered() && performance.now() < until) await new Promise((turn) => setTimeout(turn, 1));
  must(isAnswered(), 'the server does not answer any more');
  input.end(framed('{"jsonrpc":"2.0","method":"exit"}'));
  const code = await ended;
  const answers = new Map<unknown, { code?: number; message?: string }>();
  for (const [, body = ''] of Buffer.concat(chunks)
    .toString('utf8')
    .matchAll(/\r\n\r\n(\{.*?\})(?=Content-Length|$)/gs)) {
    const message = JSON.parse(body) as {
      id?: unknown;
      method?: string;
      error?: { code: number; message: string };
    };
    if (message.method === undefined) answers.set(message.id, message.error ?? {});
  }
  return { code, answers };
}

const request = (id: number, method: string, params: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const note = (method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', method, params });
const uri = 'untitled:Dockerfile';
const initialize = request(0, 'initialize', { processId: null, rootUri: null, capabilities: {} });
const opened = (text: string): string =>
  note('textDocument/didOpen', { textDocument: { uri, languageId: 'dockerfile', version: 1, text } });

/** Questions about places that the document need not have, with changes in between. */
function questions(input: Buffer): string[] {
  const number = (at: number): number => input[at % Math.max(1, input.length)] ?? 0;
  const odd = [0, 1, 2 ** 31 - 1, 100_000];
  const place = (at: number): object => ({
    line: number(at) > 250 ? odd[number(at) % 4] : number(at) % 12,
    character: number(at + 1) > 240 ? odd[number(at + 1) % 4] : number(at + 1) % 60,
  });
  const textDocument = { uri };
  const here = (at: number) => ({ textDocument, position: place(at) });
  const span = (at: number) => ({ textDocument, range: { start: place(at), end: place(at + 2) } });
  const options = { options: { tabSize: 2, insertSpaces: true } };
  return [
    request(1, 'textDocument/hover', here(1)),
    request(2, 'textDocument/completion', here(2)),
    request(3, 'textDocument/definition', here(3)),
    note('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ range: span(4).range, text: input.toString('utf8', 0, number(5)) }],
    }),
    request(4, 'textDocument/references', { ...here(6), context: { includeDeclaration: true } }),
    request(5, 'textDocument/codeAction', { ...span(7), context: { diagnostics: [] } }),
    request(6, 'textDocument/rename', { ...here(8), newName: input.toString('utf8', 0, number(9) % 9) }),
    request(7, 'textDocument/prepareRename', here(10)),
    request(8, 'textDocument/formatting', { textDocument, ...options }),
    request(9, 'textDocument/rangeFormatting', { ...span(11), ...options }),
    request(10, 'textDocument/documentSymbol', { textDocument }),
    request(11, 'textDocument/foldingRange', { textDocument }),
    request(12, 'textDocument/diagnostic', { textDocument }),
  ];
}

const internalError = -32603;

const editing: FuzzTarget = {
  name: 'lsp',
  corpus: () =>
    fixtureFiles('dockerfiles', (name) => /Dockerfile$/.test(name)).filter(({ length }) => length < 4000),
  words: [
    'FROM ',
    ' AS x\n',
    'ARG A=',
    '$A',
    '${A',
    '\r',
    '\r\n',
    '\\\n',
    '\u{1f600}',
    '\ud800',
    '\ufeff',
    '<<E\n',
    '\0',
    '# ',
    '"',
  ],
  async run(input) {
    const text = input.subarray(0, 8192).toString('utf8');
    const { code, answers } = await conversation([initialize, opened(text), ...questions(input)]);
    must(code === 0, `the server ended with ${code}`);
    for (let id = 0; id <= 12; id++) {
      const answer = answers.get(id);
      must(answer, `no answer to ${id}`);
      must(answer.code !== internalError, `answer ${id}: ${answer.message}`);
    }
  },
};

/** Whatever stands in messages, those that come after are answered. */
const messages: FuzzTarget = {
  name: 'lsp-messages',
  corpus: () =>
    texts(
      ...[opened('FROM a AS b\nRUN x\nCOPY --from=b / /\n'), ...questions(Buffer.from('FROM a\nARG B=1\n'))],
      note('workspace/didChangeWatchedFiles', { changes: [{ uri: 'file:///x', type: 2 }] }),
      note('$/cancelRequest', { id: 1 }),
      note('textDocument/didClose', { textDocument: { uri } }),
      JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'x' }]),
    ),
  words: [
    '"id":',
    '"id":null,',
    '"method":',
    '"params":null,',
    '-1',
    '1e999',
    '{}',
    '[]',
    '"',
    '\\u0000',
    '\\ud800',
    '__proto__',
  ],
  async run(input) {
    await conversation([initialize, opened('FROM a\nARG A\n'), input.toString('utf8')]);
  },
};

const password = 'Pa55-w0rd';
const auth = Buffer.from(`user:${password}`).toString('base64');

const logins: FuzzTarget = {
  name: 'logins',
  corpus: () =>
    documents(
      {
        auths: { 'r.example.com': { auth }, 'https://index.docker.io/v1/': { username: 'u', password } },
        other: { a: 1 },
      },
      {
        credHelpers: { 'r.example.com': 'fuzz' },
        auths: { 'r.example.com/a/b': { identitytoken: password } },
      },
      { credsStore: 'fuzz', auths: {} },
      { ServerURL: 'r.example.com', Username: 'u', Secret: password },
      { Username: '<token>', Secret: password },
      'credentials not found in native keychain',
    ),
  words: [
    '"auths":null,',
    '"credsStore":"../x",',
    '"credsStore":"fuzz",',
    '"auth":"",',
    '"auth":"dTo=",',
    '\\u0000',
    '\0',
    ':',
    '__proto__',
    '{',
    '\n',
  ],
  usesFolder: true,
  async run(input, { root, signal }) {
    // A program for each would take most of the time.
    const asked = input.length % 8 === 0;
    writeFileSync(join(root, 'answer'), input);
    const helper = join(root, 'docker-credential-fuzz');
    const store = '{"credsStore":"fuzz"}';
    writeFileSync(join(root, 'config.json'), asked ? store : input);
    writeFileSync(helper, `#!/bin/sh\nread x\ncat ${root}/answer\nexit ${input.length % 3 === 0 ? 1 : 0}\n`);
    chmodSync(helper, 0o755);
    const env = { DOCKER_CONFIG: root, HOME: root, PATH: asked ? `${root}:/usr/bin:/bin` : root };
    const told = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!isSlipwayError(error)) throw error;
        must(
          !/[\0-\x08\n-\x1f\x7f-\x9f]/.test(error.message),
          `a message has control characters: ${error.message}`,
        );
        if (!asked) must(!error.message.includes(password), `a message has a password: ${error.message}`);
      }
    };
    for (const registry of ['r.example.com', 'docker.io'])
      await told(() => createCredentials(env).lookup(registry, 'a/b', signal));
    if (asked) return;
    const file = createCredentialFile({ env });
    await told(async () => {
      await file.keep('kept.example.com', { username: 'k', password: 'w' }, signal);
      const found = await createCredentials(env).lookup('kept.example.com', 'x', signal);
      must(
        found?.credential.type === 'password' && found.credential.password === 'w',
        'a login is not found again',
      );
      must(await file.forget('kept.example.com', signal), 'a login is not forgotten');
    });
  },
};

export const hostTargets: FuzzTarget[] = [git, editing, messages, logins];
