// Finds the packages in a tree by the files that package managers leave there. Nothing in these files makes it fail.
import { walkTree } from '../../tree/walk.ts';
import { isApkFile, readApk } from './apk.ts';
import { isDpkgFile, readDpkg } from './dpkg.ts';
import type { Distribution, FoundPackage, ScannedFiles } from './found-package.ts';
import { readGoBinary } from './go-binary.ts';
import { isNpmFile, readNpm } from './npm.ts';
import { readDistribution } from './os-release.ts';
import { isPythonFile, readPython } from './python.ts';
import { isRpmFile, readRpm } from './rpm.ts';

export interface Scan {
  distribution: Distribution | undefined;
  /** Sorted by purl, then by the file that they were found in; each once. */
  packages: FoundPackage[];
  /** What is there and was not read: `rpm packages`. */
  unread: string[];
}

/** A tree with more is meant to fill the memory. */
const mostPackages = 100_000;
/** Programs below this size are not written in Go. */
const smallestGo = 256 << 10;

export function scanTree(files: ScannedFiles, signal: AbortSignal): Scan {
  const distribution = readDistribution(files);
  const found = new Map<string, FoundPackage>();
  const unread = new Set<string>();
  const add = (packages: Iterable<FoundPackage>): void => {
    for (const one of packages) {
      if (found.size >= mostPackages) {
        unread.add(`more than ${mostPackages} packages`);
        return;
      }
      found.set(`${one.purl}\n${one.foundIn}`, one);
    }
  };
  for (const { path, entry } of walkTree(files.tree, '/')) {
    signal.throwIfAborted();
    if (entry.type !== 'file') continue;
    if (isDpkgFile(path)) add(readDpkg(files, path, distribution));
    else if (isApkFile(path)) add(readApk(files, path, distribution));
    else if (isNpmFile(path)) add(readNpm(files, path));
    else if (isPythonFile(path)) add(readPython(files, path));
    else if (isRpmFile(path)) {
      const packages = readRpm(files, path, distribution);
      if (packages) add(packages);
      else unread.add('rpm packages');
    } else if ((entry.mode & 0o111) !== 0 && entry.size >= smallestGo) add(readGoBinary(files, path));
  }
  const packages = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return { distribution, packages, unread: [...unread] };
}
