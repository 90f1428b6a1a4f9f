// Says of each request that is traced whether its connection was there before, and how long a new one took: undici tells of both
// on its diagnostics channels.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { SpanArgs } from '../trace.ts';

export interface ConnectionListener {
  /** Adds to the span that is current now, also later. */
  note(): (args: SpanArgs) => void;
  /** Milliseconds as performance.now() gives them. */
  connected(time: { start: number; end: number; args: SpanArgs }): void;
}

interface Message {
  request?: object;
  socket?: object;
  connectParams?: { host?: string };
}

export function watchConnections(listener: ConnectionListener): Disposable {
  const notes = new WeakMap<object, (args: SpanArgs) => void>();
  const known = new WeakSet<object>();
  /** When connections that are being made were begun, by host. */
  const begun = new Map<string, number[]>();
  const hostOf = ({ connectParams }: Message): string => connectParams?.host ?? '';

  const handlers: Record<string, (message: Message) => void> = {
    'undici:request:create': ({ request }) => {
      if (request) notes.set(request, listener.note());
    },
    'undici:client:beforeConnect': (message) => {
      const host = hostOf(message);
      begun.set(host, [...(begun.get(host) ?? []), performance.now()]);
    },
    'undici:client:connected': (message) => {
      const host = hostOf(message);
      const start = begun.get(host)?.shift();
      if (start !== undefined) listener.connected({ start, end: performance.now(), args: { host } });
    },
    'undici:client:connectError': (message) => void begun.get(hostOf(message))?.shift(),
    'undici:client:sendHeaders': ({ request, socket }) => {
      if (!request || !socket) return;
      notes.get(request)?.({ reused: known.has(socket) });
      known.add(socket);
    },
  };
  const subscribed = Object.entries(handlers).map(([name, handle]) => {
    const own = (message: unknown): void => handle(message as Message);
    subscribe(name, own);
    return { name, own };
  });
  return {
    [Symbol.dispose]() {
      for (const { name, own } of subscribed) unsubscribe(name, own);
    },
  };
}
