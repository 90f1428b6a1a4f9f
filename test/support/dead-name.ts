// The name of a temporary file as a process left it that is dead.
import { uniqueName } from '../../src/fs/unique-name.ts';

/** This process's number, and not its start: whoever has that number by now is another. */
export function deadName(base: string): string {
  return uniqueName(base).replace(/\.(\d+)-\d+-/, '.$1-1-');
}
