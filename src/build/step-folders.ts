// A fresh folder for each step, all below one of this process: what a killed build leaves has one owner.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree, type TempDir } from '../fs/temp-dir.ts';

export interface StepFolders {
  next(): Promise<TempDir>;
}

/** @param open makes the folder that the steps' lie in, when the first is asked for. */
export function createStepFolders(open: () => Promise<{ path: string }>): StepFolders {
  let made: Promise<{ path: string }> | undefined;
  let count = 0;
  return {
    async next() {
      made ??= open();
      const path = join((await made).path, String(count++));
      mkdirSync(path, { mode: 0o700 });
      return { path, [Symbol.asyncDispose]: () => removeTree(path) };
    },
  };
}
