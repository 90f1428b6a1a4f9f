// Takes away what a builder left mounted below its folder, so that the folder can be moved and deleted.
import { readFile } from 'node:fs/promises';
import { runCommand } from '../../test/support/run-command.ts';

export async function unmountBelow(folder: string): Promise<void> {
  const table = await readFile('/proc/self/mounts', 'utf8');
  const places = table
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((place) => place === folder || place.startsWith(`${folder}/`));
  // The deepest first.
  for (const place of places.reverse()) await runCommand(['umount', '--lazy', place]);
}
