// Looks whether a build finds all in the cache, where it would otherwise begin again in a user namespace, which costs as much as such a build.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BuildRequest, OnEvent } from '../index.ts';
import type { Progress } from './progress/progress.ts';
import type { Session } from './session.ts';

/** Events that wait until somebody is to see them. */
interface HeldProgress extends Progress {
  /** Passes on what was held, and from now on everything at once. */
  open(): void;
  isOpen(): boolean;
}

function holdProgress({ onEvent, finish }: Progress): HeldProgress {
  const held: Parameters<OnEvent>[0][] = [];
  let isOpen = false;
  const open = (): void => {
    isOpen = true;
    for (const event of held.splice(0)) onEvent(event);
  };
  return {
    isOpen: () => isOpen,
    open,
    onEvent(event) {
      if (isOpen) onEvent(event);
      else held.push(event);
    },
    finish(outcome) {
      if (outcome.status === 'canceled') open();
      if (isOpen) finish(outcome);
    },
  };
}

/** A pipe can be read once: `-f <(…)`. */
function isPlainFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return true;
  }
}

/** Whether it is worth a try: all can be there, nothing is asked of a network, and what is read can be read twice. */
export function mayAllBeCached(request: BuildRequest): boolean {
  const { context, dockerfile, outputs, cwd } = request;
  const runsAnew = request.noCache || request.noCacheFilter.length > 0;
  const asksOthers = request.pull || request.cacheFrom || request.cacheTo;
  const looksIntoLayers = request.changes || request.attestations || request.metadataProvenance;
  const givesMore = request.ssh.length > 0 || request.secrets.length > 0 || request.lock || request.vcs;
  if (runsAnew || asksOthers || looksIntoLayers || givesMore) return false;
  if (context === '-' || /^[a-z][\w+.-]*:/i.test(context) || dockerfile === '-') return false;
  if (dockerfile !== undefined && !isPlainFile(resolve(cwd, dockerfile))) return false;
  return outputs.every((output) => {
    if (output.type === 'image') return !output.push && !output.unpack;
    return output.type === 'oci' || output.type === 'docker' || output.type === 'cacheonly';
  });
}

/** How a build is done: what it shows, and whom it tells that all is cached, which nothing is done before. */
export type TryBuild<T> = (progress: Progress, onAllCached?: () => void) => Promise<T>;

export interface TriedBuild {
  request: BuildRequest;
  /** The state folder. */
  root: string;
  session: Pick<Session, 'enterIfNeeded' | 'signal' | 'failure'>;
  progress: Progress;
}

/**
 * Builds in a user namespace where the session is to enter one and not all is in the cache: then it does not return, but where the machine
 * has none.
 * @throws what `build` throws
 */
export async function buildOutsideIfCached<T>(
  build: TryBuild<T>,
  { request, root, session, progress }: TriedBuild,
): Promise<T> {
  const { enterIfNeeded, signal, failure } = session;
  if (enterIfNeeded === undefined) return build(progress);
  if (mayAllBeCached(request) && existsSync(join(root, 'store.json'))) {
    const held = holdProgress(progress);
    try {
      return await build(held, held.open);
    } catch (error) {
      // Whatever else is wrong may be so on the outside alone: files that are other ids' can't be read there.
      if (held.isOpen() || signal.aborted) throw error;
      failure.step = undefined;
    }
  }
  await enterIfNeeded();
  return build(progress);
}
