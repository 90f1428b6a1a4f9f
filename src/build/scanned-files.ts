// Files of a tree in parts, for what looks into them.
import { closeSync, openSync, readSync } from 'node:fs';
import type { ScannedFiles } from '../attest/sbom/found-package.ts';
import type { Tree } from '../seams.ts';

export function createScannedFiles(tree: Tree): ScannedFiles {
  return {
    tree,
    read(path, offset, length) {
      const size = tree.lstat(path)?.size ?? 0;
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      if (buffer.length === 0) return buffer;
      const file = openSync(tree.hostPath(path), 'r');
      try {
        let filled = 0;
        while (filled < buffer.length) {
          const count = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
          if (count === 0) break;
          filled += count;
        }
        return buffer.subarray(0, filled);
      } finally {
        closeSync(file);
      }
    },
  };
}
