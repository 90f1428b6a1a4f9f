// The cache service of GitHub Actions, version 2, and the storage behind it, on a free port of 127.0.0.1: entries that can't be
// changed, found by key and version in the branches that a token may read; block blobs at signed addresses that expire.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GhaBlob, ghaStorage } from './gha-storage-server.ts';

export type GhaKind = 'create' | 'finish' | 'find' | 'block' | 'list' | 'put' | 'get';

/** What happens instead; `lost`: it is done, and the answer does not arrive; `cut`: the answer breaks off after so many bytes. */
export type GhaFault =
  | { status: number; headers?: Record<string, string> }
  | { lost: true }
  | { cut: number };

export interface GhaEntry {
  branch: string;
  key: string;
  version: string;
  blob: GhaBlob;
  isFinished: boolean;
  /** Counts up: the newest has the highest. */
  created: number;
}

export interface GhaServer {
  url: string;
  /** Kinds of requests, in order. */
  requests: GhaKind[];
  /** Breaches of the protocol. */
  complaints: string[];
  entries: GhaEntry[];
  /** Is asked before each request. */
  fault: ((kind: GhaKind, body: string) => GhaFault | undefined) | undefined;
  /** A token of a job: it writes to the first branch, unless it only reads, and reads all of them. */
  token(branches: readonly string[], options?: { readOnly?: boolean }): string;
  /** Tokens are good no longer. */
  revoke(): void;
  /** Addresses that were given before are good no longer. */
  expire(): void;
  /** Entries whose key begins so are gone. */
  evict(prefix: string): void;
  stop(): Promise<void>;
}

interface Job {
  branches: readonly string[];
  readOnly: boolean;
}

type Answer = { status: number; headers?: Record<string, string>; body?: string | Buffer };

const methods: Record<string, GhaKind> = {
  CreateCacheEntry: 'create',
  FinalizeCacheEntryUpload: 'finish',
  GetCacheEntryDownloadURL: 'find',
};
const twirp = '/twirp/github.actions.results.api.v1.CacheService/';

export async function startGhaServer(): Promise<GhaServer> {
  const jobs = new Map<string, Job>();
  const storage = ghaStorage((text) => server.complaints.push(text));
  let created = 0;
  const http = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      server.complaints.push(String(error));
      response.destroy();
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  const server: GhaServer = {
    url: `${origin}/`,
    requests: [],
    complaints: [],
    entries: [],
    fault: undefined,
    token(branches, { readOnly = false } = {}) {
      const token = `gha-token-${jobs.size}-${'x'.repeat(40)}`;
      jobs.set(token, { branches, readOnly });
      return token;
    },
    revoke: () => jobs.clear(),
    expire: () => storage.expire(),
    evict(prefix) {
      for (const { key, blob } of server.entries) if (key.startsWith(prefix)) storage.remove(blob);
      server.entries = server.entries.filter(({ key }) => !key.startsWith(prefix));
    },
    async stop() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', origin);
    const method = url.pathname.startsWith(twirp) ? url.pathname.slice(twirp.length) : undefined;
    const kind = method === undefined ? storage.kindOf(request.method ?? '', url) : methods[method];
    if (!kind) {
      server.complaints.push(`${request.method} ${url.pathname}`);
      response.writeHead(404).end();
      return;
    }
    server.requests.push(kind);
    const fault = server.fault?.(kind, body.toString('utf8'));
    if (fault && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end('{"code":"unavailable","msg":"try again later"}');
      return;
    }
    const answer =
      method === undefined
        ? storage.answer({ kind, url, headers: request.headers, body })
        : call(kind, request, body);
    if (fault && 'lost' in fault) {
      response.destroy();
      return;
    }
    const bytes = Buffer.from(answer.body ?? '');
    response.writeHead(answer.status, { ...answer.headers, 'content-length': String(bytes.length) });
    if (fault && 'cut' in fault)
      response.write(bytes.subarray(0, fault.cut), () => response.socket?.destroySoon());
    else response.end(bytes);
  }

  function call(kind: GhaKind, request: IncomingMessage, body: Buffer): Answer {
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
      server.complaints.push(`${kind} is no call of Twirp in JSON`);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const job = jobs.get(token);
    if (!job) return failure(401, 'unauthenticated', `the token ${token} is not known`);
    const { key, version, restore_keys, size_bytes } = JSON.parse(body.toString('utf8')) as Record<
      string,
      unknown
    >;
    if (typeof key !== 'string' || key.length > 512 || key.includes(',') || key === '')
      return failure(400, 'invalid_argument', 'the key is not sound');
    if (typeof version !== 'string' || !/^[0-9a-f]{64}$/.test(version))
      return failure(400, 'invalid_argument', 'the version is not sound');
    if (kind === 'create') return create(job, key, version);
    if (kind === 'finish') return finish(job, { key, version, size: Number(size_bytes) });
    return find(job, [key], { version, prefixes: (restore_keys ?? []) as string[] });
  }

  function create(job: Job, key: string, version: string): Answer {
    const branch = job.branches[0]!;
    if (job.readOnly) return failure(403, 'permission_denied', 'the token may not write');
    if (server.entries.some((one) => one.branch === branch && one.key === key && one.version === version))
      return failure(
        409,
        'already_exists',
        'cache entry with the same key, version, and scope already exists',
      );
    const blob = storage.create();
    server.entries.push({ branch, key, version, blob, isFinished: false, created: 0 });
    return json({ ok: true, signed_upload_url: storage.sign(origin, blob, 'w') });
  }

  function finish(job: Job, { key, version, size }: { key: string; version: string; size: number }): Answer {
    const entry = server.entries.find(
      (one) => one.branch === job.branches[0] && one.key === key && one.version === version,
    );
    if (!entry || entry.isFinished) return failure(404, 'not_found', 'upload not found');
    if (entry.blob.content?.length !== size) {
      server.complaints.push(`${key} has ${entry.blob.content?.length} bytes, and ${size} were told`);
      return failure(400, 'invalid_argument', 'the size is another one');
    }
    entry.isFinished = true;
    entry.created = ++created;
    return json({ ok: true, entry_id: String(entry.created) });
  }

  /** In each branch, as the token has them, the exact key, then beginnings of keys, the newest entry first. */
  function find(
    { branches }: Job,
    keys: readonly string[],
    { version, prefixes }: { version: string; prefixes: readonly string[] },
  ): Answer {
    const newest = server.entries
      .filter((one) => one.isFinished && one.version === version)
      .sort((a, b) => b.created - a.created);
    for (const branch of branches) {
      const own = newest.filter((one) => one.branch === branch);
      const entry =
        own.find(({ key }) => keys.includes(key)) ??
        prefixes.map((prefix) => own.find(({ key }) => key.startsWith(prefix))).find(Boolean);
      if (entry) {
        const address = storage.sign(origin, entry.blob, 'r');
        return json({ ok: true, signed_download_url: address, matched_key: entry.key });
      }
    }
    return json({ ok: false, signed_download_url: '', matched_key: '' });
  }

  return server;
}

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

const failure = (status: number, code: string, msg: string): Answer => ({
  ...json({ code, msg }),
  status,
});
