// Unpacks a layer's tar into a directory (OCI layer.md, "Applying changesets").
import type { TreeEntry } from '../seams.ts';
import { readTar, type TarLimits } from './tar-reader.ts';
import { createUnpacker } from './unpacker.ts';

export interface UnpackOptions {
  /**
   * `overlay`: the directory holds this layer alone and whiteouts become what overlayfs understands. `plain`: the directory
   * holds the lower layers too and whiteouts delete what is theirs. `archive`: it is no layer, whiteouts are files like others,
   * names above the root end there, and nothing is written behind a link whose target is not in the archive.
   */
  form: 'overlay' | 'plain' | 'archive';
  overlayXattr: 'trusted.overlay' | 'user.overlay';
  signal: AbortSignal;
  /** What lower layers have at `/a/b`: the metadata for directories that the tar leaves out. */
  parent?: ((path: string) => TreeEntry | undefined) | undefined;
  /** `if-allowed`: owners, devices and capabilities that the system refuses to this user are left out. */
  owners?: 'exact' | 'if-allowed' | undefined;
  /** Hard links to what the archive does not hold are handed back; else they make it a bad archive. */
  pendingLinks?: boolean | undefined;
  limits?: TarLimits | undefined;
}

export interface UnpackResult {
  /** Directories (`/a/b`) that hide what lower layers have there, sorted. Overlayfs does not heed the mark on `/`: mount no lower layers then. */
  opaque: string[];
  /** Bytes of the tar. */
  size: number;
  /** Of an archive: directories (`/a/b`) that it leaves out, made for what lies in them. */
  implied: ReadonlySet<string>;
  /** With `pendingLinks`, in the archive's order: nothing is made for them. */
  links: readonly PendingLink[];
  /** Owners of links and devices that are not root's, where files remember theirs (fs/owner-mark.ts), by clean absolute path. */
  owners: Readonly<Record<string, readonly [uid: number, gid: number]>>;
}

export interface PendingLink {
  /** `/a/b`. */
  path: string;
  target: string;
  mode: number;
  uid: number;
  gid: number;
  mtime: bigint;
}

/** Entries between two turns of the event loop. */
const turnEvery = 512;

/**
 * Whatever the archive says, nothing outside the directory is read or written.
 * @param directory exists and is the caller's alone; on failure what is in it is undefined.
 * @throws ERR_BAD_ARCHIVE, ERR_DISK_FULL, ERR_UNSUPPORTED where the system refuses owners or devices, ERR_STORE
 */
export async function unpackLayer(
  source: AsyncIterable<Uint8Array>,
  directory: string,
  options: UnpackOptions,
): Promise<UnpackResult> {
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      size += chunk.length;
      yield chunk;
    }
  }
  const { signal, limits } = options;
  const unpacker = createUnpacker(directory, options);
  let count = 0;
  for await (const entry of readTar(counted(), { signal, limits })) {
    signal.throwIfAborted();
    const writing = unpacker.add(entry);
    if (writing) await writing;
    if (++count % turnEvery === 0) await new Promise(setImmediate);
  }
  signal.throwIfAborted();
  return {
    opaque: unpacker.end(),
    size,
    implied: unpacker.implied,
    links: unpacker.links,
    owners: unpacker.owners,
  };
}
