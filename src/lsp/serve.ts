// The language server: one client, over two streams, up to its exit.
import type { Readable, Writable } from 'node:stream';
import type { InitializeParams, ProtocolConnection } from 'vscode-languageserver';
import { answerRequests } from './answer-requests.ts';
import type { LintHost } from './host.ts';
import { loadLibrary } from './load-library.ts';

export interface ServeOptions {
  input: Readable;
  output: Writable;
  host: LintHost;
  /** Of this program. */
  version: string;
  /** A process to end with, besides the one that the client names. */
  parent: number | undefined;
  signal: AbortSignal;
}

/** How often it is looked whether the client's process is still there. */
const parentInterval = 1000;

/**
 * Serves until the client says exit, goes away or breaks the protocol's framing.
 * @returns the exit code: 0 where the client asked for the end (shutdown) before, else 1.
 * @throws ERR_UNSUPPORTED where the protocol's library is not installed; the signal's reason
 */
export async function serve(options: ServeOptions): Promise<number> {
  const library = await loadLibrary();
  const { common, node, documents } = library;
  const { input, output, signal } = options;
  const timers: NodeJS.Timeout[] = [];
  let resolve: (code: number) => void;
  let reject: (reason: unknown) => void;
  const ended = new Promise<number>((...both) => {
    [resolve, reject] = both;
  });
  const end = () => resolve(watchDog.shutdownReceived ? 0 : 1);
  const watch = (id: number) => {
    timers.push(setInterval(() => isAlive(id) || end(), parentInterval));
  };
  const watchDog = {
    shutdownReceived: false,
    initialize({ processId }: InitializeParams) {
      if (typeof processId === 'number') watch(processId);
    },
    exit: (code: number) => resolve(code),
  };
  if (options.parent !== undefined) watch(options.parent);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });

  const reader = new node.StreamMessageReader(input);
  const listen = reader.listen.bind(reader);
  // The library would wait for ever behind one that names no request.
  reader.listen = (take) => listen((message) => isBrokenCancel(message) || take(message));
  const writer = new node.StreamMessageWriter(output);
  let protocol: ProtocolConnection | undefined;
  const connection = common.createConnection((logger) => {
    protocol = node.createProtocolConnection(reader, writer, logger);
    return protocol;
  }, watchDog);
  // A body that is no JSON is passed over; where messages begin and end is lost with a header alone.
  reader.onError((error) => error instanceof SyntaxError || end());
  writer.onError(end);
  input.once('end', end);
  input.once('close', end);
  const stop = answerRequests(connection, { ...options, library: { common, documents } });
  connection.listen();
  try {
    return await ended;
  } finally {
    for (const timer of timers) clearInterval(timer);
    stop();
    protocol?.dispose();
  }
}

function isBrokenCancel(message: object): boolean {
  const { method, params } = message as { method?: unknown; params?: { id?: unknown } | null };
  return method === '$/cancelRequest' && !['string', 'number'].includes(typeof params?.id);
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
