// Packs changes into a layer in the store: the uncompressed tar, and both digests from the pass that writes it.
import { type OnContent, packLayerWithIdentity } from '../layer/tar-writer.ts';
import type { DiffID } from '../oci/digest.ts';
import type { CommitSettings, OpEnvironment } from '../ops/environment.ts';
import type { LayerEntry } from '../seams.ts';
import type { Outcome } from '../solver/solve.ts';
import type { BlobStore } from '../store/content-store.ts';
import { traced } from '../trace.ts';
import type { EarlyLayer } from './early-layers.ts';
import type { PackedLayers } from './packed-layers.ts';
import type { LayerSearch } from './secret-guard.ts';

export interface CommitOptions {
  store: BlobStore;
  /** Undefined where nothing is known to want the layer compressed. Disposed of in the end. */
  early: EarlyLayer | undefined;
  /** Undefined where the build has no secrets. */
  secrets?: LayerSearch | undefined;
  /** Told what was searched, once it has a name. */
  searched?: ((diffID: DiffID) => Promise<void>) | undefined;
  /** Remembers what is packed, for who makes its index. */
  packed?: PackedLayers | undefined;
  signal: AbortSignal;
  onContent?: OnContent | undefined;
  /** Milliseconds since 1970 between which what was made got its times by itself; undefined where none was set on purpose. */
  span?: { from: number; to: number } | undefined;
}

/** Clocks of file systems lag behind, and times may be whole seconds. */
const slack = 2;

export function commitLayer(
  entries: Iterable<LayerEntry>,
  { store, early, secrets, searched, packed: remembered, signal, onContent, span }: CommitOptions,
): Promise<Outcome> {
  return traced('layer', 'pack', async (own) => {
    using layer = early;
    const heads = secrets ? undefined : remembered?.begin();
    const packed = packLayerWithIdentity(secrets?.entries(entries) ?? entries, {
      signal,
      onContent,
      onHeader: heads?.add,
      isSetTime: span && ((mtime) => mtime < span.from / 1000 - slack || mtime > span.to / 1000 + slack),
    });
    const chunks = secrets?.chunks(packed.chunks) ?? packed.chunks;
    const stored = layer
      ? await store.ingestFollowed(chunks, (file) => layer.follow(file), signal)
      : await store.ingest(chunks, undefined, signal);
    const { size } = stored;
    const diffID = stored.digest as string as DiffID;
    if (heads) remembered?.keep(store.path(stored.digest), stored.digest, heads);
    await layer?.name({ diffID, size });
    await searched?.(diffID);
    own.set({ bytes: size });
    return { diffID, content: packed.content(), size, read: packed.read() };
  });
}

/** What an op asks for, as of one build. */
export function commitOptions(
  { started, now }: Pick<OpEnvironment, 'started' | 'now'>,
  { onContent, setsTimes }: CommitSettings = {},
): Pick<CommitOptions, 'onContent' | 'span'> {
  return { onContent, span: setsTimes ? { from: started, to: now() } : undefined };
}

/** What steps wrote is shown in the folders where they wrote it: nobody makes an index of it. */
export function rememberedFor(
  settings: CommitSettings | undefined,
  { packed }: { packed: PackedLayers },
): PackedLayers | undefined {
  return settings?.setsTimes ? undefined : packed;
}
