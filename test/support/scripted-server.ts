// An HTTP server that expects an exact list of requests and gives the answer written next to each.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  /** `GET /v2/app/manifests/latest`. */
  request: string;
  /** Headers the request must have; undefined: must not have. */
  headers?: Record<string, string | undefined>;
  body?: string;
  status?: number;
  answerHeaders?: Record<string, string>;
  answer?: string | Buffer;
  /** Bytes of the answer after which the connection is torn down. */
  cut?: number;
  /** No Content-Length: the body comes in chunks. */
  chunked?: boolean;
  /** Never answers. */
  silent?: boolean;
}

export interface ScriptedServer {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** What went wrong, in order; empty where every request came as written. */
  complaints: string[];
  /** Throws unless exactly the list was requested. */
  finished(): void;
  stop(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function complain(request: IncomingMessage, body: string, expected: Exchange | undefined): string[] {
  const line = `${request.method} ${request.url}`;
  if (!expected) return [`unexpected ${line}`];
  const wrong: string[] = [];
  if (line !== expected.request) wrong.push(`${line} instead of ${expected.request}`);
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const actual = request.headers[name];
    if (actual !== value) wrong.push(`${line}: ${name} is ${actual} instead of ${value}`);
  }
  if (expected.body !== undefined && body !== expected.body) wrong.push(`${line}: body ${body}`);
  return wrong;
}

function answer(response: ServerResponse, exchange: Exchange): void {
  if (exchange.silent) return;
  const body = Buffer.from(exchange.answer ?? '');
  const length = exchange.chunked ? {} : { 'content-length': String(body.length) };
  response.writeHead(exchange.status ?? 200, { ...length, ...exchange.answerHeaders });
  if (exchange.cut === undefined) response.end(body);
  else response.write(body.subarray(0, exchange.cut), () => response.socket?.destroySoon());
}

export async function startScriptedServer(
  script: (host: string) => Exchange[],
  tls?: { key: string; cert: string },
): Promise<ScriptedServer> {
  let exchanges: Exchange[] = [];
  const complaints: string[] = [];
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const expected = exchanges.shift();
    const wrong = complain(request, body, expected);
    complaints.push(...wrong);
    if (expected && wrong.length === 0) answer(response, expected);
    else response.writeHead(418, { 'content-type': 'text/plain' }).end(wrong.join('\n'));
  }
  const server = tls ? createTlsServer(tls) : createServer();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => complaints.push(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  exchanges = script(host);
  return {
    host,
    complaints,
    finished() {
      const left = exchanges.map(({ request }) => `not requested: ${request}`);
      if (complaints.length + left.length > 0) throw new Error([...complaints, ...left].join('\n'));
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
