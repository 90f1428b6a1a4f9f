// What a tree asks of one layer of a stack, answered by a host directory.

import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { readState } from '../fs/file-state.ts';
import { decodeName, encodePath } from '../fs/path-bytes.ts';
import type { Digest } from '../oci/digest.ts';
import type { Owner } from '../oci/owner.ts';
import type { TreeEntry } from '../seams.ts';
import type { Steps } from '../tree/steps.ts';
import { isWhiteout, stateEntry, treeEntry } from './entry.ts';
import { fileDigest, fileDigestSteps } from './file-content.ts';
import { keptXattrs } from './kept-xattrs.ts';
import { noLinks, ownedChange } from './owned-entry.ts';

/** Names are in overlay form; of every path it is known that the layer has it. */
export interface LayerFiles {
  kinds(path: string): Iterable<[name: string, kind: 'dir' | 'whiteout' | 'other']>;
  lstat(path: string): TreeEntry;
  readlink(path: string): string;
  hostPath(path: string): string | Buffer;
  contentDigest(path: string): Digest;
  digestInSteps(path: string): Steps<Digest>;
  xattrs(path: string): Record<string, Buffer>;
}

/** @param links owners of what can't be marked with them. */
export function createHostFiles(directory: string, links: ReadonlyMap<string, Owner> = noLinks): LayerFiles {
  const file = (path: string): string => directory + path;
  const stat = (path: string): BigIntStats => lstatSync(encodePath(file(path)), { bigint: true });
  return {
    kinds: (path) => readKinds(file(path)),
    lstat(path) {
      const host = encodePath(file(path));
      const state = readState(host);
      if (!state) throw new Error(`internal error: ${path} is not in the layer`);
      const entry = ownedChange(stateEntry(state, host), { hostPath: file(path), path }, links);
      if (entry.link !== '') entry.link = `${directory}:${entry.link}`;
      return entry;
    },
    readlink: (path) => decodeName(readlinkSync(encodePath(file(path)), { encoding: 'buffer' })),
    hostPath: (path) => encodePath(file(path)),
    contentDigest: (path) => fileDigest(encodePath(file(path))),
    digestInSteps: (path) => fileDigestSteps(encodePath(file(path))),
    xattrs: (path) => keptXattrs(file(path), treeEntry(stat(path), '').type),
  };
}

/** Names and what they are to a merge; the file system tells it without a stat, except for devices. */
function* readKinds(directory: string): Generator<[string, 'dir' | 'whiteout' | 'other']> {
  for (const [name, entry] of readEntries(directory)) {
    if (entry.isDirectory()) yield [name, 'dir'];
    else if (!entry.isCharacterDevice()) yield [name, 'other'];
    else {
      const stat = lstatSync(encodePath(`${directory}/${name}`), { bigint: true });
      yield [name, isWhiteout(stat) ? 'whiteout' : 'other'];
    }
  }
}

function* readEntries(
  directory: string,
): Generator<[string, Pick<Dirent, 'isDirectory' | 'isCharacterDevice'>]> {
  const path = encodePath(directory);
  const entries = readdirSync(path, { withFileTypes: true });
  if (!entries.some((entry) => entry.name.includes('\uFFFD'))) {
    for (const entry of entries) yield [entry.name, entry];
    return;
  }
  // The types that Node declares know no listing with both types and bytes.
  const raw = readdirSync(path, { withFileTypes: true, encoding: 'buffer' as 'utf8' });
  for (const entry of raw) yield [decodeName(entry.name as unknown as Buffer), entry];
}
