// A proxy in front of a registry with the faults of the real ones: logins by token, storage elsewhere, lost answers, wrong bytes.
import { once } from 'node:events';
import {
  Agent,
  request as ask,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createTokens, type Tokens } from './fault-tokens.ts';
import { type RequestKind, requestKind } from './request-kind.ts';

/** How a registry is, in all that it does. */
export interface RegistryManners {
  /** `token`: by a token server at the same host, whose tokens hold for a number of requests. */
  auth: 'none' | 'basic' | { tokenUses: number };
  /** Blobs are read at another host. */
  storage: boolean;
  /** Uploads go to another host. */
  uploadsElsewhere: boolean;
  /** HEAD is answered. */
  heads: boolean;
  mounts: boolean;
  /** Locations are paths. */
  relative: boolean;
}

/** What happens to one request. Places in bodies are fractions. */
export type Fault =
  /** An answer of the proxy's own; the request's body is not read where it is `early`. */
  | { type: 'answer'; status: number; headers?: Record<string, string>; body?: string; early?: boolean }
  /** The connection breaks at once; or the request is passed on, and its answer is lost. */
  | { type: 'cut' | 'lose' }
  | { type: 'cutRequest' | 'cutAnswer' | 'stallAnswer'; at: number }
  /** The answer never begins. */
  | { type: 'silent' }
  /** The answer comes in small pieces. */
  | { type: 'drip' }
  /** One byte is another: of the answer, or of what is sent. */
  | { type: 'flipAnswer' | 'flipRequest' }
  /** The body ends early or goes on, and its length says the same or is left out. */
  | { type: 'resize'; by: number; chunked: boolean }
  | { type: 'redirect'; status: number }
  /** The answer names another digest. */
  | { type: 'otherDigest' }
  /** Tokens that were given hold no more. */
  | { type: 'revoke' }
  /** The whole comes where a part was asked for. */
  | { type: 'ignoreRange' };

export interface FaultProxyOptions {
  /** `127.0.0.1:PORT` of a registry that speaks http, and wants no login. */
  target: string;
  manners: RegistryManners;
  /** @param nth of its kind, from 0; requests that are refused for want of a login do not count */
  fault(kind: RequestKind, nth: number): Fault | undefined;
}

export interface FaultProxy {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** What came, and what was done to it. */
  log: string[];
  /** Authorization headers that came to the storage, where none should. */
  leaked: string[];
  /** From now on nothing but the manners. */
  calm(): void;
  stop(): Promise<void>;
}

/** The login that is right; no message may hold the password or a token. */
export const faultLogin = { username: 'alice', password: 'pass-SECRET-word' };
export const secretMark = 'SECRET';
const otherDigest = `sha256:${'0123456789abcdef'.repeat(4)}`;

interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The request's: taken away from it where the connection breaks. */
  socket: Socket;
  kind: RequestKind;
  fault: Fault | undefined;
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ host: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const { socket } = request;
    handle(request, response).catch(() => socket.destroy());
  });
  server.on('connection', (socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  if (copy.length > 0) copy[copy.length >> 1]! ^= 1;
  return copy;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target, manners } = options;
  const [hostname, port] = target.split(':');
  const log: string[] = [];
  const leaked: string[] = [];
  const counts = new Map<RequestKind, number>();
  const tokens: Tokens = createTokens(manners.auth, faultLogin, secretMark);
  const agent = new Agent({ keepAlive: true });
  let isCalm = false;

  function open({ request, socket }: Exchange) {
    const { authorization: _, ...headers } = request.headers;
    const onward = ask({ hostname, port, method: request.method, path: request.url, agent, headers });
    onward.on('error', () => socket.destroy());
    return onward;
  }

  async function passOn(exchange: Exchange): Promise<Answer> {
    const { request, fault } = exchange;
    if (fault?.type === 'ignoreRange') delete request.headers.range;
    const onward = open(exchange);
    const body = await bytesOf(request);
    onward.end(fault?.type === 'flipRequest' ? flipped(body) : body);
    const [upstream] = (await once(onward, 'response')) as [IncomingMessage];
    return { status: upstream.statusCode!, headers: { ...upstream.headers }, body: await bytesOf(upstream) };
  }

  async function isThere(path: string): Promise<boolean> {
    return (await fetch(`http://${target}${path}`, { method: 'HEAD' })).status === 200;
  }

  async function cutRequest(exchange: Exchange, at: number): Promise<void> {
    const { request, socket } = exchange;
    const onward = open(exchange);
    let left = Math.floor(Number(request.headers['content-length'] ?? 0) * at);
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length > 0) await new Promise((done) => onward.write(part, done));
      if (left === 0) break;
    }
    onward.destroy();
    socket.destroy();
  }

  async function write({ request, response, socket, fault }: Exchange, answer: Answer): Promise<void> {
    const { status, headers, body } = answer;
    response.writeHead(status, headers);
    const at = fault && 'at' in fault ? Math.floor(body.length * fault.at) : body.length;
    if (fault?.type === 'drip') {
      for (let from = 0; from < body.length; from += 8 << 10) {
        response.write(body.subarray(from, from + (8 << 10)));
        await delay(1);
      }
    } else if (request.method !== 'HEAD') {
      response.flushHeaders();
      if (at > 0) await new Promise((done) => response.write(body.subarray(0, at), done));
    }
    if (fault?.type === 'stallAnswer') return;
    if (fault?.type === 'cutAnswer') socket.destroy();
    else response.end();
  }

  /** What the registry's answer becomes. */
  function changed({ fault }: Exchange, { status, headers, body }: Answer): Answer {
    const own = { ...headers };
    let bytes = body;
    const { location } = own;
    if (location !== undefined) {
      const url = new URL(location, `http://${proxy.host}`);
      if (manners.uploadsElsewhere && url.pathname.includes('/blobs/uploads/')) url.host = storage.host;
      own.location = manners.relative && url.host === proxy.host ? url.pathname + url.search : url.href;
    }
    if (fault?.type === 'otherDigest') own['docker-content-digest'] = otherDigest;
    if (fault?.type === 'flipAnswer') bytes = flipped(body);
    if (fault?.type === 'resize') {
      const most = Math.max(0, body.length + fault.by);
      bytes = Buffer.concat([body, Buffer.alloc(Math.max(0, fault.by))]).subarray(0, most);
      own['content-length'] = String(bytes.length);
      if (fault.chunked) delete own['content-length'];
    }
    return { status, headers: own, body: bytes };
  }

  /** Where a request is sent to instead. */
  function redirectOf({ kind, fault }: Exchange): number | undefined {
    if (fault?.type === 'redirect') return fault.status;
    const isRead = kind === 'blob-get' || kind === 'blob-head';
    return manners.storage && isRead ? 307 : undefined;
  }

  async function answer(exchange: Exchange, atStorage: boolean): Promise<void> {
    const { request, response, socket, kind, fault } = exchange;
    const { type } = fault ?? {};
    if (type === 'cut') return void socket.destroy();
    if (type === 'silent') return void request.resume();
    if (fault?.type === 'cutRequest') return cutRequest(exchange, fault.at);
    if (fault?.type === 'answer') {
      if (!fault.early) await bytesOf(request);
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    if (type === 'revoke') tokens.revoke();
    const isOwn = !atStorage && (kind === 'token' || type === 'revoke');
    const own = isOwn ? tokens.check(request, kind, proxy.host) : undefined;
    if (own) {
      await bytesOf(request);
      if (type === 'lose') return void socket.destroy();
      await write(exchange, changed(exchange, { ...own, body: Buffer.from(own.body) }));
      return;
    }
    if (!manners.heads && request.method === 'HEAD') return void response.writeHead(405).end();
    const redirect = atStorage ? undefined : redirectOf(exchange);
    // A registry knows what its storage has.
    if (redirect !== undefined && (type === 'redirect' || (await isThere(request.url!)))) {
      const url = `http://${storage.host}${request.url}${request.url!.includes('?') ? '&' : '?'}sig=${secretMark}`;
      response.writeHead(redirect, { location: url }).end();
      return;
    }
    if (kind === 'mount' && !manners.mounts) request.url = request.url!.replace(/\?.*/, '');
    const given = await passOn(exchange);
    if (type === 'lose') return void socket.destroy();
    await write(exchange, changed(exchange, given));
  }

  async function handle(request: IncomingMessage, response: ServerResponse, atStorage: boolean) {
    const kind = atStorage ? 'storage' : requestKind(request.method!, request.url!);
    const refusal = atStorage || kind === 'token' ? undefined : tokens.check(request, kind, proxy.host);
    if (refusal) {
      log.push(`${request.method} ${request.url} (${kind}) ${refusal.status}`);
      await bytesOf(request);
      response.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return;
    }
    const nth = counts.get(kind) ?? 0;
    counts.set(kind, nth + 1);
    const fault = isCalm ? undefined : options.fault(kind, nth);
    const line = `${request.method} ${request.url} (${kind})${fault ? ` ${JSON.stringify(fault)}` : ''}`;
    const at = log.push(line) - 1;
    response.on('close', () => {
      log[at] = `${line} ${response.headersSent ? response.statusCode : '-'}`;
    });
    const { authorization } = request.headers;
    if (atStorage && authorization !== undefined) leaked.push(`${line}: ${authorization}`);
    const { socket } = request;
    await answer({ request, response, socket, kind, fault }, atStorage);
  }

  const proxy = await listen((request, response) => handle(request, response, false));
  const storage = await listen((request, response) => handle(request, response, true));
  return {
    host: proxy.host,
    log,
    leaked,
    calm() {
      isCalm = true;
    },
    async stop() {
      agent.destroy();
      await Promise.all([proxy.stop(), storage.stop()]);
    },
  };
}
