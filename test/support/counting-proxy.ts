// An HTTP proxy in front of a server, which notes every request: what a build asks for, and what it does not.
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingProxy {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** Method and path, in order. */
  requests: string[];
  /** Bytes of bodies so far, in both directions. */
  moved(): number;
  stop(): Promise<void>;
}

/** The server is told the proxy's name, so that it leads back to it. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const requests: string[] = [];
  let moved = 0;
  const count = (chunk: Buffer): void => {
    moved += chunk.length;
  };
  const [hostname, port] = target.split(':');
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { method, url: path, headers } = request;
    const onward = send({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', count).pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.on('data', count).pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    moved: () => moved,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
