// Folders that only their owner can look into: what lies in them may be a setuid program that somebody's step made.
import { chmodSync, mkdirSync, statSync } from 'node:fs';

/** Makes a folder where it is missing, with those above it, and closes it to everybody else. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
}
