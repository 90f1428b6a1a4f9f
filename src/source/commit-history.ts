// Commits of somebody's repository, checked out one after the other in a work tree of our own: theirs is only read.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { GitFailure, runGit } from './git-command.ts';

export interface HistoryCommit {
  id: string;
  subject: string;
  author: string;
  /** ISO 8601. */
  time: string;
  /** Paths that differ from its first parent, relative to the repository. */
  files: string[];
}

export interface CommitHistory {
  /** First parents, the oldest first. */
  commits: HistoryCommit[];
  /** The work tree of the user. */
  top: string;
  /** Where commits are checked out. */
  worktree: string;
  checkout(id: string, signal: AbortSignal): Promise<void>;
}

export interface HistoryOptions {
  /** In the work tree. */
  folder: string;
  /** `A..B`, or one revision: it and all before it. */
  range: string;
  /** An empty folder, or one that this function has filled before. */
  scratch: string;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
}

/** @throws ERR_USAGE where the folder is in no repository or the range has no commits; ERR_UNSUPPORTED where git is missing */
export async function openCommitHistory({
  folder,
  range,
  scratch,
  env,
  signal,
}: HistoryOptions): Promise<CommitHistory> {
  const ask = async (...args: string[]): Promise<string> =>
    (await runGit(['-C', folder, ...args], { env, signal })).toString('utf8');
  const top = await ask('rev-parse', '--show-toplevel').catch((error: unknown) => {
    if (!(error instanceof GitFailure)) throw error;
    throw new SlipwayError('ERR_USAGE', `--commits: ${folder} is in no Git work tree`, {
      hint: 'give a folder of a repository, or --edits FILE for one that is in none',
      cause: error,
    });
  });
  if (range.startsWith('-')) throw badRange(range);
  const format = '--format=%x01%H%x02%s%x02%an%x02%cI%x02';
  const diff = ['--first-parent', '-m', '--name-only', '--no-renames', '-z'];
  const log = await ask('log', '--reverse', ...diff, format, range, '--').catch((error: unknown) => {
    throw error instanceof GitFailure ? badRange(range, error) : error;
  });
  const commits = readLog(log);
  if (commits.length === 0)
    throw new SlipwayError('ERR_USAGE', `--commits: ${range} has no commits`, {
      hint: 'A..B are those of B that A does not have: HEAD~20..HEAD',
    });
  const objects = (await ask('rev-parse', '--path-format=absolute', '--git-path', 'objects')).trimEnd();
  const shallow = (await ask('rev-parse', '--path-format=absolute', '--git-path', 'shallow')).trimEnd();
  const repository = join(scratch, 'git');
  const worktree = join(scratch, 'tree');
  await mkdir(worktree, { recursive: true });
  await runGit(['init', '--quiet', '--bare', '--template=', repository], { env, signal });
  await writeFile(join(repository, 'objects/info/alternates'), `${objects}\n`);
  await copyFile(shallow, join(repository, 'shallow')).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  const run = (args: readonly string[], signal: AbortSignal) =>
    runGit(args, { env, signal, repository, worktree, config: [['core.bare', 'false']] });
  let isClean = false;
  return {
    commits,
    top: top.replace(/\n$/, ''),
    worktree,
    async checkout(id, signal) {
      await run(['checkout', '--quiet', '--force', '--detach', id], signal);
      // Nothing but a replay that was killed leaves other files behind.
      if (!isClean) await run(['clean', '--quiet', '-ffdx'], signal);
      isClean = true;
    },
  };
}

/** The place of a path in the work tree of another; undefined where it is outside. */
export function pathInside(top: string, path: string): string | undefined {
  const inside = relative(top, path);
  return inside === '..' || inside.startsWith('../') || inside.startsWith('/') ? undefined : inside;
}

function badRange(range: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_USAGE', `--commits: the repository has no ${JSON.stringify(range)}`, {
    hint: 'give a range that git log knows: --commits HEAD~20..HEAD, v1.0..v2.0, or main for all of it',
    cause,
  });
}

function readLog(log: string): HistoryCommit[] {
  return log
    .split('\x01')
    .slice(1)
    .map((text) => {
      const [id = '', subject = '', author = '', time = '', ...rest] = text.split('\x02');
      const files = rest
        .join('\x02')
        .split('\0')
        .map((name) => name.replace(/^\n/, ''));
      return { id, subject, author, time, files: files.filter((name) => name !== '') };
    })
    .filter(({ id }) => /^[0-9a-f]{40,64}$/.test(id));
}
