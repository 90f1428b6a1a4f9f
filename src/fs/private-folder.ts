// Folders that only their owner can look into: what lies in them may be a setuid program that somebody's step made.
import { chmodSync, mkdirSync, statSync } from 'node:fs';

/** Of the state folder and what is made in it: who looks into it has every layer of every image. */
export const privateMode = 0o700;

/** Makes a folder where it is missing, with those above it, and closes it to everybody else. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: privateMode });
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, privateMode);
}
