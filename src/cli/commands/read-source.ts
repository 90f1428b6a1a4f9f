// Finds the text of a file that an error names, for the excerpt shown with it.
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildRequest } from '../../index.ts';

/** A file larger than this is no Dockerfile that anybody wants to read. */
const most = 1 << 20;

export interface SourceReader {
  /** The request's standard input, remembered on its way as far as it may be a Dockerfile. */
  stdin: AsyncIterable<Uint8Array> | undefined;
  /** The text of a file as the engine names it, or undefined. */
  read(file: string): string | undefined;
}

/** Files are looked for where the Dockerfile is, in the context, and in the current folder. */
export function createSourceReader(request: BuildRequest): SourceReader {
  const seen: Uint8Array[] = [];
  let size = 0;

  const remember = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      if (size <= most) seen.push(chunk);
      size += chunk.length;
      yield chunk;
    }
  };

  const fromStdin = (): string | undefined => {
    const bytes = Buffer.concat(seen);
    return size > most || bytes.includes(0) ? undefined : bytes.toString('utf8');
  };

  return {
    stdin: request.stdin && remember(request.stdin),
    read(file) {
      if (file === '-' || request.context === '-') return fromStdin();
      const folders = [resolve(request.cwd, request.context), request.cwd];
      // A Dockerfile that was named is looked for from the current folder, its default in the context.
      if (request.dockerfile !== undefined) {
        if (request.dockerfile === '-') return file === 'Dockerfile' ? fromStdin() : undefined;
        const named = resolve(request.cwd, request.dockerfile);
        if (named.endsWith(`/${file}`) || named === file) return readText(named);
        folders.reverse();
      }
      for (const folder of folders) {
        const text = readText(resolve(folder, file));
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function readText(path: string): string | undefined {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(most + 1);
      const length = readSync(descriptor, buffer, 0, most + 1, 0);
      return length > most ? undefined : buffer.toString('utf8', 0, length);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
