// A proxy in front of a registry: writes down what is asked, and answers in its place or breaks connections where a test says so.
import { once } from 'node:events';
import {
  request as ask,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** How many requests with this method and path came before. */
  before: number;
}

/** What happens instead of passing a request on. */
export type Fault =
  /** An answer of the proxy's own; the request's body is read first, unless it is `early`. */
  | { status: number; headers?: Record<string, string>; body?: string; early?: boolean }
  /** The connection breaks after so many bytes of the request's body went on to the registry. */
  | { cutRequest: number }
  /** The request is passed on whole, and the connection breaks after so many bytes of the answer's body; 0: before its head. */
  | { cutAnswer: number }
  /** The answer never comes. */
  | { silent: true };

export interface RegistryProxy {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** `POST /v2/app/blobs/uploads/ 202`, without queries but those of mounts; `-` for what got no answer. */
  log: string[];
  stop(): Promise<void>;
}

function shown(path: string): string {
  const [name, query = ''] = path.split('?');
  const session = name!.replace(/(blobs\/uploads\/).+/, '$1ID');
  const from = new URLSearchParams(query).get('from');
  return from === null ? session : `${session}?from=${from}`;
}

/** @param target `127.0.0.1:PORT` of a registry that speaks http */
export async function startRegistryProxy(
  target: string,
  intercept: (asked: Asked) => Fault | undefined = () => undefined,
): Promise<RegistryProxy> {
  const log: string[] = [];
  const counts = new Map<string, number>();
  const [hostname, port] = target.split(':');

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers, socket } = request;
    const line = `${method} ${shown(path)}`;
    const before = counts.get(`${method} ${path}`) ?? 0;
    counts.set(`${method} ${path}`, before + 1);
    const fault = intercept({ method, path, headers, before });
    if (fault && 'status' in fault) {
      if (!fault.early) for await (const _ of request);
      log.push(`${line} ${fault.status}`);
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    if (fault && 'silent' in fault) {
      log.push(`${line} -`);
      request.resume();
      return;
    }
    const onward = ask({ hostname, port, method, path, headers });
    if (fault && 'cutRequest' in fault) {
      log.push(`${line} -`);
      onward.on('error', () => undefined);
      let left = fault.cutRequest;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        const part = chunk.subarray(0, left);
        left -= part.length;
        if (part.length > 0) await new Promise((done) => onward.write(part, done));
        if (left === 0) break;
      }
      onward.destroy();
      socket.destroy();
      return;
    }
    request.pipe(onward);
    const [upstream] = (await once(onward, 'response')) as [IncomingMessage];
    const cut = fault && 'cutAnswer' in fault ? fault.cutAnswer : undefined;
    log.push(`${line} ${cut === undefined ? upstream.statusCode : '-'}`);
    if (cut === 0) {
      upstream.resume();
      await once(upstream, 'end');
      socket.destroy();
      return;
    }
    response.writeHead(upstream.statusCode!, upstream.headers);
    if (cut === undefined) {
      upstream.pipe(response);
      return;
    }
    let left = cut;
    for await (const chunk of upstream as AsyncIterable<Buffer>) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      await new Promise((done) => response.write(part, done));
      if (left === 0) break;
    }
    socket.destroy();
  }

  const server = createServer((request, response) => {
    const { socket } = request;
    request.on('error', () => undefined);
    answer(request, response).catch((error: unknown) => {
      log.push(`${request.method} ${request.url}: ${error}`);
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
