// ADD of a URL: one file, kept in the store by its content, and asked for again only as HTTP allows.
import type { GitOp, HttpOp } from '../graph/vertex.ts';
import { parseDigest } from '../oci/digest.ts';
import type { Result } from '../ops/result.ts';
import type { Tree } from '../seams.ts';
import { nameOfUrl } from '../source/url-name.ts';
import { createSingleFileTree } from './single-file-tree.ts';
import type { Sources } from './sources.ts';

/**
 * A tree with the one file, 0600, its time that of Last-Modified. With a checksum nothing is fetched until it is opened.
 * @throws ERR_NETWORK, ERR_UNAUTHORIZED, ERR_SOURCE_NOT_FOUND, ERR_DIGEST_MISMATCH, ERR_BAD_REFERENCE for a checksum that is none
 */
export async function fetchFile(op: HttpOp, sources: Sources, signal: AbortSignal): Promise<Result> {
  const name = nameOfUrl(op.url);
  const checksum = op.checksum === undefined ? undefined : parseDigest(op.checksum);
  const open = async (openSignal: AbortSignal): Promise<Tree> => {
    const file = await sources.http(op.url, checksum, openSignal);
    return createSingleFileTree(sources.store, { name, ...file });
  };
  if (checksum === undefined) return { kind: 'tree', tree: await open(signal) };
  let tree: Promise<Tree> | undefined;
  return {
    kind: 'remote',
    identity: `http ${JSON.stringify([checksum, name])}`,
    open(openSignal) {
      tree ??= open(openSignal);
      return tree;
    },
  };
}

/** ADD of a Git repository. */
export async function fetchRepository(op: GitOp, sources: Sources, signal: AbortSignal): Promise<Result> {
  return (await sources.git(op, signal)).result;
}
