// A request's Dockerfile and contexts, read and understood.
import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import { findDefinition, readIgnoreFile } from '../context/find-definition.ts';
import { createIgnoredTree } from '../context/ignored-tree.ts';
import { createIgnoreMatcher } from '../dockerfile/ignore.ts';
import type { Dockerfile } from '../dockerfile/instruction.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { SlipwayError } from '../errors.ts';
import { type ContextTarget, contextKey, parseContextTarget } from '../graph/sources.ts';
import type { Tree } from '../seams.ts';
import { createDirectoryTree } from '../snapshot/plain-tree.ts';

export interface BuildDefinition {
  dockerfile: Dockerfile;
  /** The text of the main context's ignore file; '' where there is none. */
  ignore: string;
  /** By contextKey(name). */
  contexts: Map<string, { name: string; target: ContextTarget }>;
  /** The files of a context; '' is the main one. */
  tree(name: string): Tree;
}

async function readStream(stream: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function folder(path: string, what: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return path;
  throw new SlipwayError('ERR_CONTEXT', `${what} ${path} ${stat ? 'is no folder' : 'not found'}`, {
    hint: 'give the folder that holds the files to build from',
  });
}

function isRemote(context: string): boolean {
  return /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);
}

/** An archive, and not the text of a Dockerfile. */
function isArchive(bytes: Buffer): boolean {
  const magics = ['1f8b', '28b52ffd', 'fd377a58', '425a68'];
  return (
    magics.some((magic) => bytes.toString('hex', 0, 4).startsWith(magic)) ||
    bytes.toString('latin1', 257, 262) === 'ustar'
  );
}

/** A tree of files of the client: owned by root, without extended attributes, ignored files left out. */
function contextTree(path: string, ignore: string): Tree {
  const tree = createDirectoryTree(path, { owner: { uid: 0, gid: 0 }, xattrs: false });
  return ignore.trim() === '' ? tree : createIgnoredTree(tree, createIgnoreMatcher(ignore));
}

const emptyTree: Tree = {
  lstat: (path) =>
    path === '/'
      ? { type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0n, major: 0, minor: 0, link: '' }
      : undefined,
  readdir: () => [],
  readlink: () => '',
  hostPath: (path) => path,
  contentDigest: () => {
    throw new Error('an empty tree has no files');
  },
  xattrs: () => ({}),
};

/** @throws ERR_DOCKERFILE_NOT_FOUND, ERR_CONTEXT, ERR_SYNTAX, ERR_UNSUPPORTED, ERR_USAGE */
export async function readDefinition(request: BuildRequest): Promise<BuildDefinition> {
  const { cwd } = request;
  const contexts = new Map<string, { name: string; target: ContextTarget }>();
  for (const { name, value } of request.buildContexts) {
    contexts.set(contextKey(name), { name, target: parseContextTarget(value) });
  }
  if (isRemote(request.context)) {
    throw new SlipwayError('ERR_UNSUPPORTED', `a remote build context is not supported: ${request.context}`, {
      hint: 'clone or download it, and give the folder',
    });
  }
  let context: string | undefined;
  let text: string | undefined;
  let file = request.dockerfile ?? 'Dockerfile';
  if (request.context === '-') {
    if (request.dockerfile === '-')
      throw new SlipwayError('ERR_USAGE', "can't read both the Dockerfile and the context from stdin", {
        hint: 'give the context as a folder',
      });
    const bytes = await readStream(request.stdin);
    if (isArchive(bytes)) {
      throw new SlipwayError('ERR_UNSUPPORTED', 'an archive on stdin is not supported as build context', {
        hint: 'unpack it into a folder, and give that',
      });
    }
    text = bytes.toString('utf8');
    file = '-';
  } else {
    context = folder(resolve(cwd, request.context), 'build context');
    if (request.dockerfile === '-') text = (await readStream(request.stdin)).toString('utf8');
  }
  let ignore = '';
  if (text === undefined)
    ({ text, file, ignore } = findDefinition({ context, dockerfile: request.dockerfile, cwd }));
  else ignore = readIgnoreFile(context, undefined);
  const dockerfile = parseDockerfile(text, file);

  const trees = new Map<string, Tree>();
  function makeTree(name: string): Tree {
    if (name === '') return context === undefined ? emptyTree : contextTree(context, ignore);
    const target = contexts.get(contextKey(name))?.target;
    if (target?.kind !== 'folder') throw new Error(`${name} is no folder`);
    const path = folder(resolve(cwd, target.path), `build context ${name}`);
    return contextTree(path, readIgnoreFile(path, undefined));
  }
  return {
    dockerfile,
    ignore,
    contexts,
    tree(name) {
      const known = trees.get(name) ?? makeTree(name);
      trees.set(name, known);
      return known;
    },
  };
}

/** What can be seen before a step needs it. @throws ERR_CONTEXT where a secret's file is not there */
export function checkSecrets(request: BuildRequest): void {
  for (const secret of request.secrets) {
    if (secret.type !== 'file' || statSync(resolve(request.cwd, secret.path), { throwIfNoEntry: false }))
      continue;
    throw new SlipwayError('ERR_CONTEXT', `the file of secret ${secret.id} not found: ${secret.path}`, {
      hint: 'check src= of --secret: it is relative to the current folder',
    });
  }
}

/** Secrets by their id. @throws ERR_CONTEXT where a file can't be read. */
export function createSecrets(request: BuildRequest): (id: string) => Promise<Buffer | undefined> {
  return async (id) => {
    const source = request.secrets.find((secret) => secret.id === id);
    if (!source) return undefined;
    if (source.type === 'env') {
      const value = request.env[source.name];
      return value === undefined ? undefined : Buffer.from(value);
    }
    try {
      return readFileSync(resolve(request.cwd, source.path));
    } catch (cause) {
      throw new SlipwayError('ERR_CONTEXT', `can't read the secret ${id} from ${join(source.path)}`, {
        cause,
        hint: 'check src= of --secret',
      });
    }
  };
}

export const dockerfileName = (file: string): string => (file === '-' ? 'Dockerfile' : basename(file));
