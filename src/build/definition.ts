// A request's Dockerfile and contexts, read and understood.

import { basename, resolve } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import { definitionNames, findDefinition, findIgnoreFile } from '../context/find-definition.ts';
import type { StatCache } from '../context/stat-cache.ts';
import type { Dockerfile } from '../dockerfile/instruction.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { SlipwayError } from '../errors.ts';
import { readUntilAborted } from '../fs/until-aborted.ts';
import { parseGitReference } from '../graph/git-reference.ts';
import type { SourcePolicy } from '../graph/source-policy.ts';
import { type ContextTarget, contextKey, parseContextTarget } from '../graph/sources.ts';
import { parseReference } from '../oci/reference.ts';
import type { Result } from '../ops/result.ts';
import { redactSource } from '../redact-source.ts';
import { traced } from '../trace.ts';
import { isArchive } from './archive.ts';
import {
  checkFolder,
  type OpenedContext,
  openArchive,
  openFolder,
  openRepository,
  openUrl,
} from './open-context.ts';
import { policedSources } from './policed-sources.ts';
import { emptyTree } from './single-file-tree.ts';
import type { Sources } from './sources.ts';
import { peekStream, readText } from './stdin.ts';

export interface BuildDefinition {
  dockerfile: Dockerfile;
  /** Undefined: every source is used as it is named. */
  policy?: SourcePolicy | undefined;
  /** The text of the main context's ignore file; '' where there is none. */
  ignore: string;
  /** The path of that file; undefined where there is none. */
  ignoreFile: string | undefined;
  /** By contextKey(name). */
  contexts: Map<string, { name: string; target: ContextTarget }>;
  /** The files of a context; '' is the main one. @throws ERR_CONTEXT, and what fetching throws */
  context(name: string): Promise<Result>;
  /** Seconds since 1970: what SOURCE_DATE_EPOCH=context means; undefined for a context without a time of its own. */
  contextTime(): Promise<number | undefined>;
  /** Remembers what was found out about files. */
  save(): Promise<void>;
}

/** The main context, with the Dockerfile that goes with it. */
interface Main {
  text: string;
  file: string;
  ignore: string;
  ignoreFile?: string | undefined;
  result(): Result;
  time(): Promise<number | undefined>;
}

const noTime = async (): Promise<undefined> => undefined;
const bothFromStdin = {
  code: 'ERR_USAGE',
  message: "can't read both the Dockerfile and the context from stdin",
  hint: 'give the context as a folder',
} as const;

/** What reading a definition needs. */
interface Reading {
  request: BuildRequest;
  sources: Sources;
  signal: AbortSignal;
  /** Of the folders that were opened. */
  caches: StatCache[];
}

function folderResult(reading: Reading, path: string, ignore: string | undefined): Result {
  const { tree, cache } = openFolder(reading.sources, path, ignore);
  reading.caches.push(cache);
  return { kind: 'tree', tree };
}

/** A Dockerfile that lies outside of its context: on stdin, or behind a URL. Undefined: it is in it. */
async function separateDockerfile(reading: Reading): Promise<{ text: string; file: string } | undefined> {
  const { request, sources, signal } = reading;
  const { dockerfile } = request;
  if (dockerfile === '-') return { text: await readText(stdinOf(reading), signal), file: '-' };
  if (dockerfile === undefined || !/^https?:\/\//i.test(dockerfile)) return undefined;
  const { digest } = await sources.http(dockerfile, undefined, signal);
  return { text: await readText(sources.store.open(digest), signal), file: redactSource(dockerfile) };
}

/** Ignore files are not heeded in a context that comes from elsewhere, as in BuildKit. */
async function remoteMain(reading: Reading, opened: OpenedContext): Promise<Main> {
  const { dockerfile } = reading.request;
  const { result, time } = opened;
  const separate = await separateDockerfile(reading);
  if (separate) return { ...separate, ignore: '', result: () => result, time };
  const names = dockerfile === undefined ? definitionNames : [dockerfile];
  for (const name of opened.single === undefined ? names : [opened.single]) {
    const text = await opened.readFile(name);
    if (text !== undefined) return { text, file: name, ignore: '', result: () => result, time };
  }
  throw new SlipwayError(
    'ERR_DOCKERFILE_NOT_FOUND',
    `failed to read dockerfile: open ${names[0]}: no such file or directory`,
    { hint: 'the context has none of that name: a path after -f is one in the context here' },
  );
}

const stdinOf = ({ request: { stdin }, signal }: Reading): AsyncIterable<Uint8Array> | undefined =>
  stdin && readUntilAborted(stdin, signal);

async function stdinMain(reading: Reading): Promise<Main> {
  const { request, sources, signal } = reading;
  const { code, message, hint } = bothFromStdin;
  if (request.dockerfile === '-') throw new SlipwayError(code, message, { hint });
  const { head, stream } = await peekStream(stdinOf(reading));
  if (isArchive(head)) return remoteMain(reading, await openArchive(sources, stream, signal));
  if (request.dockerfile !== undefined)
    throw new SlipwayError(
      'ERR_USAGE',
      `there are two Dockerfiles: ${request.dockerfile}, and what standard input holds`,
      { hint: 'leave -f out, or give the context as a folder or a tar' },
    );
  const text = await readText(stream, signal);
  return { text, file: '-', ignore: '', result: () => ({ kind: 'tree', tree: emptyTree }), time: noTime };
}

async function folderMain(reading: Reading): Promise<Main> {
  const { request } = reading;
  const context = checkFolder(resolve(request.cwd, request.context), 'build context');
  const separate = await separateDockerfile(reading);
  const own = separate && findIgnoreFile(context, undefined);
  const found = separate
    ? { ...separate, ignore: own?.text ?? '', ignoreFile: own?.path }
    : findDefinition({ context, dockerfile: request.dockerfile, cwd: request.cwd });
  let result: Result | undefined;
  return {
    ...found,
    result() {
      result ??= folderResult(reading, context, found.ignore);
      return result;
    },
    time: noTime,
  };
}

async function readMain(reading: Reading): Promise<Main> {
  const { request, sources, signal } = reading;
  const { context } = request;
  if (context === '-') return stdinMain(reading);
  const reference = parseGitReference(context);
  if (reference) {
    const keepGitDir = /^(1|t|true)$/i.test(request.buildArgs['BUILDKIT_CONTEXT_KEEP_GIT_DIR'] ?? '');
    return remoteMain(reading, await openRepository(sources, reference, { keepGitDir, signal }));
  }
  if (/^https?:\/\//i.test(context)) return remoteMain(reading, await openUrl(sources, context, signal));
  // Kaniko's s3:// and the like are refused by their name, and not as folders that are missing.
  if (/^[a-z][\w+.-]*:\/\//i.test(context)) parseContextTarget(context);
  return folderMain(reading);
}

const namedFolder = (request: BuildRequest, name: string, path: string): string =>
  checkFolder(resolve(request.cwd, path), `build context ${name}`);

async function openNamed(reading: Reading, name: string, target: ContextTarget | undefined): Promise<Result> {
  const { request, sources, signal } = reading;
  switch (target?.kind) {
    case 'folder': {
      return folderResult(reading, namedFolder(request, name, target.path), undefined);
    }
    case 'git':
      return (await openRepository(sources, target.reference, { keepGitDir: false, signal })).result;
    case 'http':
      return (await openUrl(sources, target.url, signal)).result;
    default:
      throw new Error(`${name} holds no files of its own`);
  }
}

/** @throws ERR_DOCKERFILE_NOT_FOUND, ERR_CONTEXT, ERR_SYNTAX, ERR_USAGE, ERR_BAD_ARCHIVE, and what fetching throws */
export async function readDefinition(
  request: BuildRequest,
  sources: Sources,
  signal: AbortSignal,
): Promise<BuildDefinition> {
  const contexts = new Map<string, { name: string; target: ContextTarget }>();
  for (const { name, value } of request.buildContexts) {
    const target = parseContextTarget(value);
    // Also one that no step reads: its path may be misspelt, or its name.
    if (target.kind === 'folder') namedFolder(request, name, target.path);
    contexts.set(contextKey(name), { name, target });
  }
  const policy = request.sourcePolicy && (await readPolicy(request.sourcePolicy));
  const allowed = policy ? policedSources(sources, policy) : sources;
  const reading: Reading = { request, sources: allowed, signal, caches: [] };
  const main = await readMain(reading);
  const dockerfile = traced('definition', 'parse', () =>
    parseDockerfile(main.text, main.file, request.buildArgs['BUILDKIT_SYNTAX']),
  );
  const results = new Map<string, Promise<Result>>();
  return {
    dockerfile: withBase(dockerfile, request.from),
    policy,
    ignore: main.ignore,
    ignoreFile: main.ignoreFile,
    contexts,
    contextTime: main.time,
    async context(name) {
      if (name === '') return main.result();
      const known = results.get(name) ?? openNamed(reading, name, contexts.get(contextKey(name))?.target);
      results.set(name, known);
      return known;
    },
    async save() {
      for (const cache of reading.caches) await cache.save();
    },
  };
}

async function readPolicy({ text, file }: { text: string; file: string }): Promise<SourcePolicy> {
  const { createSourcePolicy } = await import('../graph/source-policy.ts');
  const { parseSourcePolicy } = await import('../graph/parse-source-policy.ts');
  return createSourcePolicy(parseSourcePolicy(text, file), file);
}

/** The first stage built on another image. */
function withBase(dockerfile: Dockerfile, from: string | undefined): Dockerfile {
  const first = dockerfile.instructions.findIndex(({ keyword }) => keyword === 'FROM');
  if (from === undefined || first < 0) return dockerfile;
  if (from !== 'scratch') parseReference(from);
  const instructions = dockerfile.instructions.map((one, index) =>
    index === first && one.keyword === 'FROM' ? { ...one, image: from } : one,
  );
  return { ...dockerfile, instructions };
}

export const dockerfileName = (file: string): string =>
  file === '-' ? 'Dockerfile' : basename(redactSource(file).replace(/[?#].*$/, ''));
