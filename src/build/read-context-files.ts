// Files of a context on another machine, read alone: nothing is checked out, and nothing is built.

import type { ContextFiles, ContextFilesRequest } from '../bake-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { parseGitReference } from '../graph/git-reference.ts';
import { redactSource } from '../redact-source.ts';
import { now } from './one-request.ts';
import { type OpenedContext, openRepository, openUrl } from './open-context.ts';
import { openSourceLock } from './source-lock.ts';
import { createSources, type Sources } from './sources.ts';
import { openState } from './state.ts';

/** A definition larger than this is none. */
const most = 2 << 20;

/** @throws ERR_CONTEXT for what is too large, and what fetching throws */
export async function readContextFiles(
  engine: EngineOptions,
  asked: ContextFilesRequest,
  call: CallOptions,
): Promise<ContextFiles> {
  const { request } = asked;
  const id = 'definition-files';
  const name = `[internal] load remote definition from ${redactSource(request.context)}`;
  await using state = openState(engine);
  const lock = openSourceLock(request);
  await using own = createSources(state, engine, request);
  call.onEvent({ type: 'started', vertex: { id, name }, time: now() });
  try {
    const files = await read(asked, lock.sources(own), call.signal);
    await lock.save();
    call.onEvent({ type: 'done', id, time: now() });
    return files;
  } catch (error) {
    call.onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
    throw error;
  }
}

async function read(
  { request, paths }: ContextFilesRequest,
  sources: Sources,
  signal: AbortSignal,
): Promise<ContextFiles> {
  const reference = parseGitReference(request.context);
  const opened = reference
    ? await openRepository(sources, reference, { keepGitDir: false, signal })
    : await openUrl(sources, request.context, signal);
  if (opened.single !== undefined) {
    return { kind: 'file', text: (await textOf(opened, opened.single, request.context)) ?? '' };
  }
  const texts: (string | undefined)[] = [];
  for (const path of paths) texts.push(await textOf(opened, path, request.context));
  return { kind: reference ? 'git' : 'archive', texts };
}

/** Undefined: there is no such file. */
async function textOf(opened: OpenedContext, path: string, url: string): Promise<string | undefined> {
  const { result } = opened;
  const size = result.kind === 'tree' ? (result.tree.lstat(`/${path}`)?.size ?? 0) : 0;
  const text = size > most ? undefined : await opened.readFile(path);
  if (size <= most && (text?.length ?? 0) <= most) return text;
  throw new SlipwayError('ERR_CONTEXT', `${redactSource(url)} is too large for a definition`, {
    hint: 'at most 2 MiB; is it the URL of a bake file?',
  });
}
