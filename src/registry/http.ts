// What goes to a registry and what comes back: requests whose bodies can be opened anew, answers read or still to be read.
import type { Dispatcher } from 'undici';
import { SlipwayError } from '../errors.ts';
import { paced } from './paced.ts';

/** A body that is streamed, never held whole. */
export interface StreamedBody {
  /** Bytes that open() gives. */
  size: number;
  /** Opened once for each attempt. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  method: Dispatcher.HttpMethod;
  /** A whole URL, or a path on a host whose scheme is found out. */
  target: URL | { host: string; path: string };
  headers?: Record<string, string>;
  body?: string | Buffer | StreamedBody;
  /** One attempt alone: what was sent may have had its effect, and the caller must look before it is sent again. */
  once?: boolean;
  /** Milliseconds without a byte after which the connection is given up, where that is not the usual time. */
  patience?: number;
  /** It holds what is meant for nobody else: redirects to other origins are not followed. */
  stays?: boolean;
  /** The host need not show a certificate that can be checked, and may speak plain http. */
  insecure?: boolean;
}

export interface HttpHead {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Where the answer came from. */
  url: URL;
  /** Whether another origin than the one asked gave the answer. */
  foreign: boolean;
  /** What the request had to log in with, in each form in which the answer may repeat it. */
  sent?: readonly string[];
}

/** An answer whose body is still to be read, to its end or to be discarded. */
export interface HttpResponse extends HttpHead {
  body: Dispatcher.ResponseData['body'];
}

export interface HttpAnswer extends HttpHead {
  bytes: Buffer;
  /** The body went on after `bytes`. */
  truncated: boolean;
}

/** Enough of a failure's body to hold what a registry has to say. */
export const failureLimit = 64 << 10;

/** One value of a header. */
export function headerOf(head: HttpHead, name: string): string | undefined {
  const value = head.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Gives the connection back: a short rest is read, for a long one the connection is closed. */
export function discard(response: HttpResponse): void {
  response.body.dump({ limit: failureLimit }).catch(() => undefined);
}

/**
 * At most `limit` bytes of the body; of a failure's at most 64 KiB.
 * @param window see paced()
 */
export async function readBody(response: HttpResponse, limit: number, window = 60_000): Promise<HttpAnswer> {
  const { body, ...head } = response;
  const most = head.status >= 400 ? Math.min(limit, failureLimit) : limit;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of paced(body as AsyncIterable<Buffer>, window)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return { ...head, bytes: Buffer.concat(chunks).subarray(0, most), truncated: size > most };
}

/** An answer that says no, with as much of its body as came. */
export async function readFailure(response: HttpResponse): Promise<HttpAnswer> {
  const { body: _, ...head } = response;
  return readBody(response, failureLimit).catch(() => ({
    ...head,
    bytes: Buffer.alloc(0),
    truncated: false,
  }));
}

/** Where the body's own source failed, and not the connection: what made it fail. */
export class BodyError extends Error {
  constructor(cause: unknown) {
    super('the content to be sent can not be read', { cause });
  }
}

/** So little at once that a slow connection is seen to get on. */
const pieceSize = 128 << 10;

/**
 * The bytes of a body on their way to the connection: in small pieces, and exactly as many as were announced.
 * @throws BodyError
 */
export async function* bodyPieces(
  body: StreamedBody,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  let sent = 0;
  try {
    for await (const chunk of body.open(signal)) {
      signal.throwIfAborted();
      sent += chunk.length;
      if (sent > body.size) break;
      for (let at = 0; at < chunk.length; at += pieceSize) yield chunk.subarray(at, at + pieceSize);
    }
    if (sent === body.size) return;
    throw new SlipwayError(
      'ERR_DIGEST_MISMATCH',
      `the content to be sent has ${sent > body.size ? 'more' : 'less'} than the ${body.size} bytes of its descriptor`,
    );
  } catch (cause) {
    throw new BodyError(cause);
  }
}
