// Contexts of every kind as results: folders are read in place, archives unpacked, repositories resolved and checked out late.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readIgnoreFile } from '../context/find-definition.ts';
import { createIgnoredTree } from '../context/ignored-tree.ts';
import { createStatCache, type StatCache } from '../context/stat-cache.ts';
import { createIgnoreMatcher } from '../dockerfile/ignore.ts';
import { SlipwayError } from '../errors.ts';
import type { GitReference } from '../graph/git-reference.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import type { Result } from '../ops/result.ts';
import type { Tree } from '../seams.ts';
import { fileDigest, fileDigestSteps } from '../snapshot/file-content.ts';
import { createDirectoryTree } from '../snapshot/plain-tree.ts';
import type { AskableTree } from '../tree/open-question.ts';
import { childPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import { archiveHead, isArchive, unpackArchive } from './archive.ts';
import { createSingleFileTree } from './single-file-tree.ts';
import type { Sources } from './sources.ts';
import { tracedStatCache } from './traced-parts.ts';

export interface OpenedContext {
  result: Result;
  /** The text of a file, links followed inside the context; undefined where there is none. */
  readFile(path: string): Promise<string | undefined>;
  /** Seconds since 1970: what SOURCE_DATE_EPOCH=context means; undefined where it means nothing. */
  time(): Promise<number | undefined>;
  /** Set where the whole context is one file: the Dockerfile. */
  single?: string | undefined;
}

/** The files of a client's folder, ignored ones left out. */
export interface FolderContext {
  tree: Tree;
  cache: StatCache;
}

/** @param ignore the text of its ignore file; undefined: the one at its root. @throws ERR_CONTEXT, ERR_SYNTAX */
export function openFolder(sources: Sources, path: string, ignore: string | undefined): FolderContext {
  const { root } = sources;
  const file = join(root, 'contexts-v1', hexOf(digestOf(path)));
  const cache = tracedStatCache(
    createStatCache({
      file,
      directory: path,
      tmp: join(root, 'tmp'),
      read: (host) => fileDigest(host),
      now: () => Date.now(),
    }),
  );
  const all = createDirectoryTree(path, {
    owner: { uid: 0, gid: 0 },
    xattrs: false,
    digest: (host, stat) => cache.digest(host, stat, () => fileDigest(host, stat[1])),
    digestInSteps: (host, stat) => cache.digestInSteps(host, stat, () => fileDigestSteps(host)),
    look: cache.look,
  });
  const patterns = ignore ?? readIgnoreFile(path, undefined);
  const isWhole = patterns.trim() === '';
  const ignored = isWhole ? '' : digestOf(patterns);
  const asked: AskableTree = {
    ...all,
    remembered: (question, ask) => cache.remembered(`${ignored} ${question}`, ask),
    open: (question) => cache.open(`${ignored} ${question}`),
  };
  const tree = isWhole ? asked : createIgnoredTree(asked, createIgnoreMatcher(patterns));
  return { tree, cache };
}

/** @throws ERR_CONTEXT unless the path is a folder. */
export function checkFolder(path: string, what: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return path;
  throw new SlipwayError('ERR_CONTEXT', `${what} ${path} ${stat ? 'is no folder' : 'not found'}`, {
    // Arguments and folders that are no UTF-8 reach this program with signs in place of their bytes.
    hint: path.includes('\uFFFD')
      ? 'its name seems to be no UTF-8: rename it, or pipe the folder as a tar: tar -c . | slipway build -'
      : 'give the folder that holds the files to build from',
  });
}

function readTreeFile(tree: Tree, path: string): string | undefined {
  const found = resolvePath(tree, `/${path}`, { followLast: true });
  return tree.lstat(found)?.type === 'file' ? readFileSync(tree.hostPath(found), 'utf8') : undefined;
}

/** The newest time in a tree, in whole seconds. */
function newestTime(tree: Tree): number {
  let newest = 0n;
  const visit = (path: string): void => {
    const entry = tree.lstat(path);
    if (!entry) return;
    if (path !== '/' && entry.mtime > newest) newest = entry.mtime;
    if (entry.type === 'dir') for (const name of tree.readdir(path)) visit(childPath(path, name));
  };
  visit('/');
  return Number(newest / 1_000_000_000n);
}

/** A tar, compressed or not, in a folder of its own. @throws ERR_BAD_ARCHIVE */
export async function openArchive(
  sources: Sources,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<OpenedContext> {
  const folder = join(await sources.tempDir('context'), 'files');
  const tree = await unpackArchive(source, folder, { budget: sources.budget, signal });
  return {
    result: { kind: 'tree', tree },
    readFile: async (path) => readTreeFile(tree, path),
    time: async () => newestTime(tree),
  };
}

/** What a URL gives: an archive is the context, anything else a single file named `context`. */
export async function openUrl(sources: Sources, url: string, signal: AbortSignal): Promise<OpenedContext> {
  const file = await sources.http(url, undefined, signal);
  const path = sources.store.path(file.digest);
  const head = Buffer.alloc(archiveHead);
  const handle = await open(path);
  const { bytesRead } = await handle.read(head, 0, head.length, 0).finally(() => handle.close());
  const modified = file.mtime === 0n ? undefined : Number(file.mtime / 1_000_000_000n);
  if (isArchive(head.subarray(0, bytesRead))) {
    const archive = await openArchive(sources, createReadStream(path), signal);
    return { ...archive, time: async () => modified ?? archive.time() };
  }
  const tree = createSingleFileTree(sources.store, { name: 'context', ...file });
  return {
    result: { kind: 'tree', tree },
    readFile: async (name) => readTreeFile(tree, name),
    time: async () => modified,
    single: 'context',
  };
}

/** @param keepGitDir BUILDKIT_CONTEXT_KEEP_GIT_DIR, for the main context. */
export async function openRepository(
  sources: Sources,
  reference: GitReference,
  options: { keepGitDir: boolean; signal: AbortSignal },
): Promise<OpenedContext> {
  const { signal } = options;
  const keepGitDir = options.keepGitDir || (reference.keepGitDir ?? false);
  const spec = { ...reference, keepGitDir, submodules: reference.submodules ?? true };
  const { commit, result } = await sources.git(spec, signal);
  return {
    result,
    readFile: (path) => sources.readGitFile(commit, path, signal),
    time: () => sources.gitTime(commit, signal),
  };
}
