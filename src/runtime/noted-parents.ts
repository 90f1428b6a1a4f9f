// Groups that steps were put below by --cgroup-parent, noted for as long as the builder works: the notes of one that was killed lead to
// what is left of its steps.
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../fs/make-folder.ts';
import { abandonedIn, uniqueName } from '../fs/unique-name.ts';
import type { Runtime } from '../seams.ts';

const folderOf = (root: string): string => join(root, 'cgroup-parents-v1');
const prefix = 'parents';

export interface NotedParents extends Disposable {
  /** The same runtime, with a note before each first step below a group. */
  noting(runtime: Runtime): Runtime;
}

/** Disposing of it takes the note back. */
export function createNotedParents(root: string): NotedParents {
  const file = join(folderOf(root), uniqueName(prefix));
  const noted = new Set<string>();

  function note(parent: string): void {
    if (noted.has(parent)) return;
    makeFolder(folderOf(root));
    appendFileSync(file, `${JSON.stringify(parent)}\n`);
    noted.add(parent);
  }

  return {
    noting: (runtime) => ({
      ...runtime,
      async run(step, io, signal) {
        if (step.cgroupParent !== undefined) note(step.cgroupParent);
        return await runtime.run(step, io, signal);
      },
    }),
    [Symbol.dispose]() {
      if (noted.size > 0) rmSync(file, { force: true });
    },
  };
}

/** What builders noted that are dead: the note's file, and the groups. */
export function abandonedParents(root: string): { file: string; parents: string[] }[] {
  return abandonedIn(folderOf(root), { prefix: `${prefix}.` }).map((name) => {
    const file = join(folderOf(root), name);
    return { file, parents: readParents(file) };
  });
}

/** A line that was not written to its end names no group in which anything was made. */
function readParents(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.flatMap((line) => {
      const parent: unknown = JSON.parse(line);
      return typeof parent === 'string' ? [parent] : [];
    });
  } catch {
    return [];
  }
}
