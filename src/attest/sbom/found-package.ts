// What scanners find, and what they may look at.
import type { Tree } from '../../seams.ts';

export interface FoundPackage {
  name: string;
  version: string | undefined;
  purl: string;
  /** As the package says it: perhaps no SPDX expression. */
  license: string | undefined;
  /** `Name <mail>`, as the package says it. */
  maintainer: string | undefined;
  homepage: string | undefined;
  /** The file that says that the package is there. */
  foundIn: string;
}

/** A tree whose files can be read in parts. */
export interface ScannedFiles {
  tree: Tree;
  /** At most `length` bytes from `offset` on; fewer at the end of the file. */
  read(path: string, offset: number, length: number): Buffer;
}

export interface Distribution {
  /** ID of os-release: `debian`, `alpine`. */
  id: string;
  version: string | undefined;
  name: string | undefined;
}

/** The whole of a small file; undefined where it is larger than `limit`. */
export function readSmall(files: ScannedFiles, path: string, limit: number): string | undefined {
  const bytes = files.read(path, 0, limit + 1);
  return bytes.length > limit ? undefined : bytes.toString('utf8');
}

/** A field of a hostile file as one short line of text; undefined where it is empty or no text at all. */
export function shortText(value: unknown, limit = 500): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  // Half of a character, in the file or where it was cut.
  return text === '' ? undefined : text.slice(0, limit).replace(/\p{Cs}/gu, '\uFFFD');
}
