// A request as a span: from when it is sent to the head of its answer. Its body is the span of who reads it.
import type { Dispatcher } from 'undici';
import { isTracing, traced } from '../trace.ts';

/** Without the query, which may grant access. */
export function tracedRequest(
  { host, pathname }: URL,
  method: string,
  send: () => Promise<Dispatcher.ResponseData>,
): Promise<Dispatcher.ResponseData> {
  if (!isTracing()) return send();
  return traced(
    'registry',
    `${method} ${pathname}`,
    async (own) => {
      const response = await send();
      const { statusCode, headers } = response;
      const bytes = Number(headers['content-length']);
      own.set({ status: statusCode, bytes: Number.isNaN(bytes) ? undefined : bytes });
      return response;
    },
    { method, host, path: pathname },
  );
}
