// Looks a program up as a shell would.
import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** The absolute path of an executable on `path` (as in PATH), if there is one. */
export function findCommand(name: string, path: string): string | undefined {
  for (const folder of path.split(':').filter(isAbsolute)) {
    try {
      const file = join(folder, name);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
