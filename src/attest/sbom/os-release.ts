// Which distribution a tree is of (os-release(5)).
import { resolvePath } from '../../tree/resolve.ts';
import { type Distribution, readSmall, type ScannedFiles, shortText } from './found-package.ts';

const places = ['/etc/os-release', '/usr/lib/os-release'];

export function readDistribution(files: ScannedFiles): Distribution | undefined {
  for (const place of places) {
    const text = readLinked(files, place);
    if (text === undefined) continue;
    const values = new Map(
      [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, unquote(value ?? '')]),
    );
    const id = /^[a-z0-9._-]{1,60}$/.exec(values.get('ID') ?? '')?.[0];
    if (id === undefined) continue;
    return {
      id,
      version: shortText(values.get('VERSION_ID'), 60),
      name: shortText(values.get('PRETTY_NAME')),
    };
  }
  return undefined;
}

function readLinked(files: ScannedFiles, place: string): string | undefined {
  try {
    const path = resolvePath(files.tree, place, { followLast: true });
    return files.tree.lstat(path)?.type === 'file' ? readSmall(files, path, 64 << 10) : undefined;
  } catch {
    // Links that go in circles.
    return undefined;
  }
}

function unquote(text: string): string {
  const value = text.trim();
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
