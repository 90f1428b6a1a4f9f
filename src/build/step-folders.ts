// A folder for each step, all below one of this process: what a killed build leaves has one owner.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree, type TempDir } from '../fs/temp-dir.ts';

export interface StepFolders {
  /** It is empty, or has the mount points of an earlier step, which are. */
  next(): Promise<TempDir>;
}

/** What runtimes mount in the step's own namespace: nobody else has seen more than an empty folder. */
const mountPoints: ReadonlySet<string> = new Set(['rootfs', 'nodes', 'bundle', 'dev']);

/** A folder in which nothing was left serves the next step: making and deleting folders is much of what a small step takes. */
const servesAgain = (path: string): boolean =>
  readdirSync(path).every((name) => mountPoints.has(name) && readdirSync(join(path, name)).length === 0);

/** @param open makes the folder that the steps' lie in, when the first is asked for. */
export function createStepFolders(open: () => Promise<{ path: string }>): StepFolders {
  let made: Promise<{ path: string }> | undefined;
  let count = 0;
  const idle: string[] = [];
  return {
    async next() {
      made ??= open();
      const outer = (await made).path;
      let path = idle.pop();
      if (path === undefined) {
        path = join(outer, String(count++));
        mkdirSync(path, { mode: 0o700 });
      }
      const own = path;
      return {
        path: own,
        async [Symbol.asyncDispose]() {
          if (servesAgain(own)) idle.push(own);
          else await removeTree(own);
        },
      };
    },
  };
}
