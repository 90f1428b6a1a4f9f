// What others wrote into images, on its way to a terminal: it steers nothing there, and stays as it is in files and pipes.
import { harmless } from '../../progress/harmless.ts';
import type { OutputStream } from '../../session.ts';

/** The same text, harmless where a terminal shows it; tabs and line ends stay. */
export function safeFor(stdout: OutputStream, text: string): string {
  if (!stdout.isTTY) return text;
  return text
    .split('\n')
    .map((line) => line.split('\t').map(harmless).join('\t'))
    .join('\n');
}

/** JSON, the same for every reader, in which controls beyond ASCII are written out, too: some terminals obey them. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
