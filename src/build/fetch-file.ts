// ADD of a URL: one file, kept in the store by its content, and asked for again only as HTTP allows.
import { basename } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { HttpOp } from '../graph/vertex.ts';
import { parseDigest } from '../oci/digest.ts';
import type { Tree } from '../seams.ts';
import type { State } from './state.ts';

export interface FetchOptions {
  state: State;
  signal: AbortSignal;
}

/** The name that a URL gives a file. @throws ERR_SYNTAX where it ends in a slash. */
export function nameOfUrl(url: string): string {
  const name = decodeURIComponent(basename(new URL(url).pathname));
  return name === '' || name === '/' ? 'download' : name;
}

/** A tree with the one file, 0600, its time that of Last-Modified. @throws ERR_NETWORK, ERR_DIGEST_MISMATCH */
export async function fetchFile(op: HttpOp, options: FetchOptions): Promise<Tree> {
  const { state, signal } = options;
  const expected = op.checksum === undefined ? undefined : parseDigest(op.checksum);
  let response: Response;
  try {
    response = await fetch(op.url, { signal, redirect: 'follow' });
  } catch (cause) {
    signal.throwIfAborted();
    throw new SlipwayError('ERR_NETWORK', `can't fetch ${op.url}`, {
      cause,
      hint: 'is the address right, and is there a network?',
    });
  }
  if (!response.ok || !response.body) {
    throw new SlipwayError('ERR_NETWORK', `can't fetch ${op.url}: the server says ${response.status}`, {
      hint: 'check the address',
    });
  }
  const body = response.body as unknown as AsyncIterable<Uint8Array>;
  const { digest, size } = await state.store.ingest(
    body,
    expected ? { digest: expected } : undefined,
    signal,
  );
  const modified = Date.parse(response.headers.get('last-modified') ?? '');
  const mtime = BigInt(Number.isNaN(modified) ? 0 : modified) * 1_000_000n;
  const name = nameOfUrl(op.url);
  const file = {
    type: 'file' as const,
    mode: 0o600,
    uid: 0,
    gid: 0,
    size,
    mtime,
    major: 0,
    minor: 0,
    link: '',
  };
  const root = { ...file, type: 'dir' as const, mode: 0o755, size: 0 };
  return {
    lstat: (path) => (path === '/' ? root : path === `/${name}` ? file : undefined),
    readdir: (path) => (path === '/' ? [name] : []),
    readlink: () => '',
    hostPath: () => state.store.path(digest),
    contentDigest: () => digest,
    xattrs: () => ({}),
  };
}
