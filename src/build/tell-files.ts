// What is said of files that made steps miss beyond their digests: lines that came and went, and the commit that last touched them.
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { StepRecord } from '../build-record.ts';
import type { Cause, ContentChange, ExplainedBuild, TouchingCommit } from '../explain/explanation.ts';
import { lineChanges } from '../explain/line-changes.ts';
import { type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { type GitHistory, openGitHistory } from '../source/git-history.ts';
import { cleanPath } from '../tree/path.ts';
import { hasWildcard, unescapePattern } from '../tree/pattern.ts';
import { findInLayer, largestText } from './layer-contents.ts';

type FileCause = Extract<Cause, { kind: 'file' }>;

export interface TellFilesParts {
  /** The path of a layer's tar in the store, whether it is there or not. */
  tarOf(diffID: string): string;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
}

/** Files of which more is said: a build that differs in more differs in all. */
const mostFiles = 24;
/** Milliseconds for Git. */
const patience = 5000;

/** Says it in the causes of the explained build. Nothing that fails here fails the explanation. */
export async function tellFiles(explained: ExplainedBuild, parts: TellFilesParts): Promise<void> {
  const { build, earlier, steps } = explained;
  if (!earlier || !isAbsolute(build.context)) return;
  let left = mostFiles;
  const git = lazily(() =>
    openGitHistory(build.context, { env: parts.env, signal: parts.signal, timeout: patience }),
  );
  for (const { step, earlier: other, causes } of steps) {
    const record = build.steps[step]!;
    const files = causes.filter((cause): cause is FileCause => cause.kind === 'file');
    if (!record.reads || files.length === 0 || other === undefined) continue;
    const told = files.slice(0, left);
    left -= told.length;
    for (const cause of told) locate(cause, record, build.context);
    await tellContents(
      told,
      { record, other: earlier.steps[other]!, context: build.context },
      { ...parts, git },
    );
    for (const cause of told) await tellCommit(cause, build.context, await git());
  }
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

interface Compared {
  record: StepRecord;
  other: StepRecord;
  /** Absolute. */
  context: string;
}

const afterOf = (cause: FileCause): string | undefined =>
  cause.change === 'content' ? cause.after : undefined;

/** The path in the context: keys know paths below what the instruction names. The first that fits, one with the right content before others. */
function locate(cause: FileCause, { reads = [] }: StepRecord, context: string): void {
  const candidates = reads.flatMap((source) => candidatesFor(source, cause.path));
  const there = candidates.filter((path) => lstatOf(join(context, path)) !== undefined);
  const after = afterOf(cause);
  const exact = after === undefined ? undefined : there.find((path) => digestIn(context, path) === after);
  const found = exact ?? there[0] ?? candidates[0];
  if (found !== undefined) cause.source = found;
}

function candidatesFor(source: string, path: string): string[] {
  const fixed = cleanPath(source).slice(1);
  if (path === '.' || path.startsWith('/')) return [fixed].filter((one) => one !== '' && !hasWildcard(one));
  const parts = fixed.split('/');
  const wild = parts.findIndex((part) => hasWildcard(part));
  const folder = unescapePattern((wild < 0 ? parts : parts.slice(0, wild)).join('/'));
  const below = cleanPath(`${folder}/${path}`).slice(1);
  // A file that is named itself; else one of a folder, or one that COPY --parents has by its whole path.
  return fixed.split('/').at(-1) === path ? [fixed, below] : [below, cleanPath(path).slice(1)];
}

function lstatOf(path: string): ReturnType<typeof lstatSync> | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** A small file of the context, not through a link that leads out of it. */
function contentIn(context: string, path: string): Buffer | undefined {
  const full = join(context, path);
  if (relative(context, full).startsWith('..')) return undefined;
  const stat = lstatOf(full);
  if (!stat?.isFile() || stat.size > largestText) return undefined;
  try {
    return readFileSync(full);
  } catch {
    return undefined;
  }
}

function digestIn(context: string, path: string): Digest | undefined {
  const content = contentIn(context, path);
  return content && digestOf(content);
}

interface Telling extends TellFilesParts {
  git(): Promise<GitHistory | undefined>;
}

async function tellContents(
  causes: readonly FileCause[],
  { record, other, context }: Compared,
  { tarOf, git, signal }: Telling,
): Promise<void> {
  const changed = causes.flatMap((cause) =>
    cause.change === 'content' && isDigest(cause.before) && isDigest(cause.after) ? [cause] : [],
  );
  if (changed.length === 0) return;
  const contents = new Map<Digest, Buffer>();
  const missing = (which: 'before' | 'after'): Map<Digest, string> =>
    new Map(
      changed.flatMap((cause): [Digest, string][] =>
        contents.has(cause[which] as Digest) ? [] : [[cause[which] as Digest, cause.path]],
      ),
    );
  const learn = async (step: StepRecord, which: 'before' | 'after'): Promise<void> => {
    const wanted = missing(which);
    if (wanted.size === 0 || step.type !== 'copy' || !step.layer) return;
    try {
      for (const [digest, content] of await findInLayer(tarOf(step.layer.diffID), wanted, signal))
        contents.set(digest, content);
    } catch {
      signal.throwIfAborted();
      // A layer that can't be read tells nothing.
    }
  };
  for (const { source } of changed) {
    const content = source === undefined ? undefined : contentIn(context, source);
    if (content) contents.set(digestOf(content), content);
  }
  await learn(other, 'before');
  await learn(record, 'after');
  for (const cause of changed) {
    if (contents.has(cause.before as Digest) || cause.source === undefined) continue;
    const history = await git();
    if (!history) break;
    for await (const content of history.contents(cause.source)) {
      contents.set(digestOf(content), content);
      if (contents.has(cause.before as Digest)) break;
    }
  }
  for (const cause of changed) {
    const [before, after] = [contents.get(cause.before as Digest), contents.get(cause.after as Digest)];
    if (before && after) Object.assign(cause, contentChange(before, after));
  }
}

function contentChange(before: Buffer, after: Buffer): ContentChange {
  const sizes = { before: before.length, after: after.length };
  if (!isText(before) || !isText(after)) return { binary: true, sizes };
  const lines = lineChanges(before.toString('utf8'), after.toString('utf8'));
  return lines ? { lines, sizes } : { sizes };
}

/** As Git tells: no zero byte in the beginning. */
const isText = (content: Buffer): boolean => !content.subarray(0, 8000).includes(0);

async function tellCommit(cause: FileCause, context: string, git: GitHistory | undefined): Promise<void> {
  const { source } = cause;
  if (!git || source === undefined) return;
  const full = join(context, source);
  const stat = lstatOf(full);
  // Of a folder nothing is committed itself; what was removed is to be gone.
  if (stat?.isDirectory() || (cause.change === 'removed') !== (stat === undefined)) return;
  const link = stat?.isSymbolicLink() ? Buffer.from(readlinkSync(full)) : undefined;
  const content = link ?? (stat ? contentIn(context, source) : undefined);
  if (stat && !content) return;
  // The file has changed again since that build.
  if (cause.change === 'content' && content && digestOf(content) !== cause.after) return;
  const isExecutable = !link && stat !== undefined && (Number(stat.mode) & 0o100) !== 0;
  const told: TouchingCommit | 'uncommitted' | undefined = await git.lastTouch(source, content, isExecutable);
  if (told) cause.commit = told;
}
