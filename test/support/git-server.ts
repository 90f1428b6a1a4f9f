// Bare repositories behind smart HTTP on 127.0.0.1 (git http-backend), and repositories to put there.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

export interface GitServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** `METHOD /path`, of every request. */
  requests: string[];
  /** The Authorization header that is asked for; undefined: none. */
  authorization: string | undefined;
  /** Every Authorization that came. */
  logins: (string | undefined)[];
}

const clean = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_AUTHOR_DATE: '2020-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_COMMITTER_DATE: '2020-01-02T03:04:05Z',
};
/** Of every commit made here, in seconds since 1970. */
export const commitTime = 1577934245;

export function hasGit(): boolean {
  try {
    execFileSync('git', ['http-backend'], { stdio: 'ignore', env: { PATH: clean.PATH } });
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ENOENT';
  }
}

export function git(cwd: string, ...args: string[]): string {
  const config = [
    '-c',
    'init.defaultBranch=main',
    '-c',
    'protocol.file.allow=always',
    '-c',
    'safe.directory=*',
  ];
  return execFileSync('git', [...config, ...args], {
    cwd,
    env: clean,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

/** Writes files and commits all there is; returns the commit. */
export function commitFiles(folder: string, files: Record<string, string>): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'change');
  return git(folder, 'rev-parse', 'HEAD');
}

/** Puts a repository's state where the server serves it. */
export function publish(folder: string, bare: string): void {
  rmSync(bare, { recursive: true, force: true });
  git(folder, 'clone', '--quiet', '--bare', folder, bare);
}

function answerGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...clean,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    },
  });
  backend.stdin.on('error', () => {});
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.once('close', () => {
    const out = Buffer.concat(chunks);
    const end = out.indexOf('\r\n\r\n');
    let status = 200;
    for (const line of out.toString('latin1', 0, end).split('\r\n')) {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
      else if (name !== '') response.setHeader(name, value);
    }
    response.writeHead(status).end(out.subarray(end + 4));
  });
}

/** Serves every bare repository below `root`. */
export async function startGitServer(root: string): Promise<GitServer> {
  const server = createServer((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    state.logins.push(request.headers.authorization);
    if (state.authorization !== undefined && request.headers.authorization !== state.authorization)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    else answerGit(root, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const state: GitServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    authorization: undefined,
    logins: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return state;
}
