// What the cases of one section share: a state folder, a base image, and servers that start when a case names them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { busyboxBase } from '../support/busybox-base.ts';
import { startDockerRegistry } from '../support/docker-registry.ts';
import { commitFiles, publish, startGitServer } from '../support/git-server.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { servedTime } from './served-time.ts';
import { tarOf } from './tar-of.ts';

export interface Bench extends AsyncDisposable {
  /** The state folder. */
  root: string;
  /** The layout of busybox, for `FROM base`. */
  base: string;
  /** A new folder. */
  folder(): string;
  /** Replaces `{name}` in what a case says. */
  fill(text: string, folder: string): Promise<string>;
}

export async function openBench(): Promise<Bench> {
  const dir = await tempDir('slipway-compatibility-');
  const base = await writeBase(dir.file('base'));
  const stops: (() => Promise<void>)[] = [];
  const started = new Map<string, Promise<string>>();
  const servers: Record<string, () => Promise<[url: string, stop: () => Promise<void>]>> = {
    git: () => serveGit(dir),
    http: serveFiles,
    registry: async () => {
      const registry = await startDockerRegistry();
      return [registry.host, registry.stop];
    },
  };
  const start = (name: string): Promise<string> => {
    const running =
      started.get(name) ??
      servers[name]!().then(([url, stop]) => {
        stops.push(stop);
        return url;
      });
    started.set(name, running);
    return running;
  };
  let folders = 0;
  return {
    root: dir.file('state'),
    base,
    folder() {
      const path = dir.file(`case-${folders++}`);
      mkdirSync(path);
      return path;
    },
    async fill(text, folder) {
      let filled = text.replaceAll('{dir}', folder).replaceAll('{base}', base);
      for (const name of Object.keys(servers)) {
        if (filled.includes(`{${name}}`)) filled = filled.replaceAll(`{${name}}`, await start(name));
      }
      return filled;
    },
    async [Symbol.asyncDispose]() {
      for (const stop of stops) await stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** The files of the base's layout by their path: made once for all sections that this process runs. */
let made: Map<string, Buffer> | undefined;

async function writeBase(path: string): Promise<string> {
  if (made) {
    mkdirSync(join(path, 'blobs/sha256'), { recursive: true });
    for (const [name, content] of made) writeFileSync(join(path, name), content);
    return path;
  }
  await busyboxBase(path);
  const names = ['oci-layout', 'index.json'];
  names.push(...readdirSync(join(path, 'blobs/sha256')).map((name) => `blobs/sha256/${name}`));
  made = new Map(names.map((name) => [name, readFileSync(join(path, name))]));
  return path;
}

async function serveGit(dir: TempDir): Promise<[string, () => Promise<void>]> {
  const work = dir.file('git-work');
  commitFiles(work, {
    Dockerfile: 'FROM scratch\nCOPY . /\n',
    '.dockerignore': 'hello.txt\n',
    'hello.txt': 'hello\n',
    'sub/Dockerfile': 'FROM scratch\nCOPY . /\nLABEL sub=1\n',
    'sub/inner.txt': 'inner\n',
    'docker-bake.hcl': 'target "default" {\n  context = "sub"\n  contexts = { all = "." }\n}\n',
  });
  publish(work, dir.file('git', 'app.git'));
  const server = await startGitServer(dir.file('git'));
  return [`${server.url}/app.git`, async () => await server[Symbol.asyncDispose]()];
}

async function serveFiles(): Promise<[string, () => Promise<void>]> {
  const archive = tarOf({ Dockerfile: 'FROM scratch\nCOPY a.txt /\n', 'a.txt': 'a\n' });
  const served: Record<string, string | Buffer> = {
    '/hello.txt': 'hello\n',
    '/a.tar': archive,
    '/a.tar.gz': gzipSync(archive),
    '/Dockerfile': 'FROM scratch\nLABEL from=url\n',
    '/docker-bake.hcl': 'target "default" {\n  output = ["type=oci,tar=false,dest=../image"]\n}\n',
    '/greedy.hcl': 'target "default" {\n  secret = ["id=s,src=/etc/passwd"]\n}\n',
  };
  const server = createServer((request, response) => {
    if (request.url === '/private.txt' && request.headers.authorization !== 'Bearer open') {
      response.writeHead(401).end();
      return;
    }
    const content = request.url === '/private.txt' ? 'private\n' : served[request.url ?? ''];
    response.setHeader('last-modified', new Date(servedTime * 1000).toUTCString());
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return [
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  ];
}
