// Files on their way out, as a tar or into a folder: whole, and one after the other.
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { uniqueName } from '../fs/atomic-write.ts';

export interface OutgoingFile {
  /** `blobs/sha256/…`. */
  path: string;
  /** Bytes. */
  size: number;
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** @param options `folders` come first; `mtime` is that of all: seconds since 1970. */
export async function* tarOfFiles(
  files: AsyncIterable<OutgoingFile>,
  options: { folders: readonly string[]; mtime: number },
): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const mtime = new Date(options.mtime * 1000);
  const fill = async (): Promise<void> => {
    for (const name of options.folders) tar.entry({ name, mode: 0o755, mtime, type: 'directory' });
    for await (const { path, size, content } of files) {
      const sink = tar.entry({ name: path, size, mode: 0o444, mtime, type: 'file' });
      // The tar itself says what failed.
      sink.on('error', () => {});
      for await (const chunk of content) {
        if (!sink.write(chunk) && !tar.destroying) await drained(sink);
        if (tar.destroying) return;
      }
      sink.end(Buffer.alloc(0));
    }
    tar.finalize();
  };
  fill().catch((error) => tar.destroy(error as Error));
  yield* tar as AsyncIterable<Uint8Array>;
}

/** Resolves when more can be written, and when nothing ever can. */
function drained(sink: ReturnType<ReturnType<typeof pack>['entry']>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sink.off('drain', done);
      sink.off('close', done);
      resolve();
    };
    sink.on('drain', done);
    sink.on('close', done);
  });
}

/** Writes a file below `folder`, where its own folder is; there is the old one or the new one, never half of one. */
export async function writeFileWhole(folder: string, { path, content }: OutgoingFile): Promise<void> {
  const temporary = join(folder, uniqueName('.part'));
  try {
    await writeFile(temporary, content);
    await rename(temporary, join(folder, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
