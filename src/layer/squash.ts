// A stack of layers as one: folders first, then everything else in the order of the layers, each read once to plan and once to copy.
import type { LayerEntry, Tree } from '../seams.ts';
import { contentPadding, copiedEntry, entryHeader } from './copy-header.ts';
import { createSquash, type SquashPlan } from './squash-plan.ts';
import { blockSize } from './tar-header.ts';
import { readTar } from './tar-reader.ts';

export interface SquashOptions {
  /** The layers, lowest first; each may be opened twice. */
  layers: readonly (() => AsyncIterable<Buffer>)[];
  /** What the stack lies on. */
  below(): Promise<Tree>;
  signal: AbortSignal;
}

const chunkSize = 1 << 18;

const header = (entry: LayerEntry): Buffer => entryHeader(entry).bytes;

/**
 * The tar of a layer that makes of what is below the same files as all of the layers do. Memory grows with the number of names.
 * @throws ERR_BAD_ARCHIVE
 */
export async function* squashLayers(options: SquashOptions): AsyncGenerator<Buffer, void> {
  const { layers, below, signal } = options;
  const squash = createSquash();
  for (const open of layers) await squash.addLayer(readTar(open(), { signal }));
  yield* gathered(pieces(layers, await squash.finish(below), signal));
}

async function* pieces(
  layers: SquashOptions['layers'],
  plan: SquashPlan,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  for (const path of plan.whiteouts) yield header({ kind: 'whiteout', path });
  for (const { path, item } of plan.folders) yield header(copiedEntry(path, item));
  for (const [layer, open] of layers.entries()) {
    const wanted = plan.rest[layer]!;
    if (wanted.size === 0) continue;
    let index = 0;
    for await (const entry of readTar(open(), { signal })) {
      const [first, ...links] = wanted.get(index++) ?? [];
      if (first === undefined) continue;
      yield header(copiedEntry(first, entry));
      for await (const chunk of entry.body()) yield chunk;
      yield contentPadding(entry.size);
      for (const path of links) yield header(copiedEntry(path, entry, first));
    }
  }
  yield Buffer.alloc(2 * blockSize);
}

/** Small pieces in one; content that comes in big ones passes through. */
async function* gathered(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let pending: Buffer[] = [];
  let length = 0;
  const take = (): Buffer => {
    const whole = Buffer.concat(pending, length);
    pending = [];
    length = 0;
    return whole;
  };
  for await (const piece of source) {
    if (piece.length >= chunkSize) {
      if (length > 0) yield take();
      yield piece;
      continue;
    }
    // Views of a reader's chunk do not outlive the next read of it.
    pending.push(Buffer.from(piece));
    length += piece.length;
    if (length >= chunkSize) yield take();
  }
  if (length > 0) yield take();
}
