// Zstandard forms of layers (RFC 8878): by Node where it can, else by the zstd command.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { SlipwayError } from '../errors.ts';
import { compressBlocks } from './compress.ts';

type ZstdCompress = (
  data: Buffer,
  options: { params: Record<number, number> },
  done: (error: Error | null, result: Buffer) => void,
) => void;

export interface ZstdOptions {
  /** 1 to 22; 0 stands for the default, which is 3. */
  level?: number | undefined;
  signal: AbortSignal;
}

/**
 * The bytes depend on the content, the level and which zstd makes them: not on how the source is cut, nor on cores. Node makes a
 * frame of every 4 MiB, side by side; the command makes one frame in jobs, which do not follow from the number of its threads.
 * @throws ERR_UNSUPPORTED where there is no zstd.
 */
export function zstdChunks(
  source: AsyncIterable<Buffer>,
  { level, signal }: ZstdOptions,
): AsyncGenerator<Buffer, void> {
  const wanted = level || 3;
  const { zstdCompress, constants } = zlib as unknown as {
    zstdCompress?: ZstdCompress;
    constants: Record<string, number>;
  };
  if (!zstdCompress) return throughCommand(source, wanted, signal);
  const compress = promisify(zstdCompress);
  const params = { [constants['ZSTD_c_compressionLevel']!]: wanted };
  return compressBlocks(source, { size: 4 << 20, compress: (block) => compress(block, { params }) });
}

async function* throughCommand(
  source: AsyncIterable<Buffer>,
  level: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const ultra = level > 19 ? ['--ultra'] : [];
  const child = spawn('zstd', ['-q', '-c', ...ultra, `-${level}`, '-T4'], { stdio: 'pipe' });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'compression=zstd needs Node 22.15 or the command zstd', {
      hint: 'apt-get install zstd, or use compression=gzip',
      cause,
    });
  }
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-1000);
  });
  const abort = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', abort, { once: true });
  let failure: { error: unknown } | undefined;
  const read = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* source;
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  const fed = new Promise<void>((resolve) =>
    pipeline(Readable.from(read()), child.stdin, (error) => {
      // Where the source fails the child must not take what it has for all there is.
      if (error) child.kill('SIGKILL');
      resolve();
    }),
  );
  try {
    signal.throwIfAborted();
    yield* child.stdout;
    const [code, name] = await closed;
    await fed;
    signal.throwIfAborted();
    if (failure) throw failure.error;
    if (code !== 0) {
      const how = code === null ? `was ended by ${name}` : `failed with code ${code}: ${complaint.trim()}`;
      throw new SlipwayError('ERR_EXPORT', `zstd ${how}`, { hint: 'try again, or use compression=gzip' });
    }
  } finally {
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  }
}
