// The history of a replay as changes that can be put in place one after the other: commits, or edits of a copy.
import { join, resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import { removeTree } from '../../fs/temp-dir.ts';
import { editedPaths } from '../../replay/edit-list.ts';
import type { ReplayChange } from '../../replay/replay-result.ts';
import { openCommitHistory, pathInside } from '../../source/commit-history.ts';
import { applyEdits, copyContext } from './edit-context.ts';
import type { ReplayHistory, ReplayRequest } from './replay-request.ts';

export interface OpenedHistory {
  changes: ReplayChange[];
  /** Absolute: where what is built lies, once a change is in place. */
  context: string;
  /** Where a path of the user's is in the history; undefined: it is no part of it. */
  place(path: string): string | undefined;
  /** Puts the change with this position in place; called in order, some at the beginning may be left out. */
  apply(index: number, signal: AbortSignal): Promise<void>;
}

/** @throws ERR_USAGE, ERR_CONTEXT, ERR_UNSUPPORTED */
export async function openHistory(request: ReplayRequest, signal: AbortSignal): Promise<OpenedHistory> {
  const { history, build, work } = request;
  const context = resolve(build.cwd, build.context);
  if (history.type === 'commits') return openCommits(history.range, context, { request, signal });
  const copy = join(work, 'context');
  await removeTree(copy);
  return openEdits(history, context, copy);
}

async function openCommits(
  range: string,
  folder: string,
  { request, signal }: { request: ReplayRequest; signal: AbortSignal },
): Promise<OpenedHistory> {
  const { env } = request.build;
  const scratch = join(request.work, 'history');
  const { commits, top, worktree, checkout } = await openCommitHistory({
    folder,
    range,
    scratch,
    env,
    signal,
  });
  const inside = pathInside(top, folder);
  if (inside === undefined) throw new SlipwayError('ERR_USAGE', `${folder} is not below ${top}`);
  return {
    // What is built first comes after nothing.
    changes: commits.map((commit, index) => ({
      type: 'commit',
      ...commit,
      files: index === 0 ? [] : commit.files,
    })),
    context: join(worktree, inside),
    place(path) {
      const below = pathInside(top, path);
      return below === undefined ? undefined : join(worktree, below);
    },
    apply: (index, signal) => checkout(commits[index]!.id, signal),
  };
}

function openEdits(
  { file, edits }: Extract<ReplayHistory, { type: 'edits' }>,
  context: string,
  copy: string,
): OpenedHistory {
  let applied = -1;
  return {
    changes: [
      { type: 'edit', text: 'first build', line: 0, files: [] },
      ...edits.map((one): ReplayChange => {
        return { type: 'edit', text: one.text, line: one.line, files: editedPaths(one) };
      }),
    ],
    context: copy,
    place(path) {
      const below = pathInside(context, path);
      return below === undefined ? undefined : join(copy, below);
    },
    async apply(index) {
      for (; applied < index; applied++) {
        if (applied < 0) await copyContext(context, copy);
        else await applyEdits(copy, edits[applied]!, file);
      }
    },
  };
}
