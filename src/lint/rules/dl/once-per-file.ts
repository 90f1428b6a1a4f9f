// What several rules want to know of a file is worked out for the first of them.
import type { LintFile } from '../../lint-file.ts';

/** Rules are asked one after the other about one file: the answer for the last one is kept. */
export function oncePerFile<T>(make: (file: LintFile) => T): (file: LintFile) => T {
  let last: { file: LintFile; made: T } | undefined;
  return (file) => {
    if (last?.file !== file) last = { file, made: make(file) };
    return last.made;
  };
}
