// The engine's work on stored images. Each part is loaded when it is asked for.
import type { CallOptions, EngineOptions } from '../engine.ts';
import type * as Request from '../image-request.ts';
import type { LayersReport } from '../inspect/layers-report.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import type { DiffResult } from './diff-images.ts';

type Signal = Pick<CallOptions, 'signal'>;

/** Images are named by a name, `NAME@DIGEST`, or an ID or digest, which may be cut short where it stays unique. */
export interface ImageEngine {
  /** Newest first. */
  list(filter: Request.ImageFilter): Promise<Request.ImageSummary[]>;
  tag(source: string, target: string): Promise<void>;
  remove(request: Request.RemoveRequest, options: Signal): Promise<Request.RemoveResult>;
  history(image: string, platform?: Platform): Promise<Request.ImageHistory>;
  inspect(images: readonly string[], platform?: Platform): Promise<Request.ImageDetails[]>;
  /** What each layer adds, changes, deletes and wastes. */
  layers(request: Request.LayersRequest, options: CallOptions): Promise<LayersReport>;
  /** What differs between two images. */
  diff(request: Request.DiffRequest, options: CallOptions): Promise<DiffResult>;
  save(request: Request.SaveRequest, options: CallOptions): Promise<void>;
  load(request: Request.LoadRequest, options: Signal): Promise<Request.LoadedImage[]>;
  import(request: Request.ImportRequest, options: Signal): Promise<Request.LoadedImage>;
  export(request: Request.ExportRequest, options: CallOptions): Promise<void>;
  diskUsage(options: Signal): Promise<Request.DiskUsage>;
  prune(request: Request.PruneRequest, options: Signal): Promise<Request.PruneResult>;
  /** Whether all that is stored is what it should be; mends it where that is asked for. */
  check(request: Request.StoreCheckRequest, options: Signal): Promise<Request.StoreReport>;
  /** Images that are not here are looked for in their registries. */
  createList(request: { list: string; images: string[]; amend: boolean }, options: Signal): Promise<Digest>;
  annotateList(request: { list: string; image: string; annotation: Request.ListAnnotation }): Promise<Digest>;
  /** The bytes of a list, or of an image's manifest; of its registry where the store has none of the name. */
  inspectManifest(name: string, options: Signal): Promise<{ descriptor: Descriptor; bytes: Buffer }>;
  /** Returns the full names. */
  removeLists(lists: readonly string[]): Promise<string[]>;
}

export function createImageEngine(engine: EngineOptions): ImageEngine {
  return {
    list: async (filter) => (await import('./list-images.ts')).listImages(engine, filter),
    tag: async (source, target) => (await import('./tag-image.ts')).tagImage(engine, source, target),
    remove: async (request, { signal }) =>
      (await import('./remove-images.ts')).removeImages(engine, request, signal),
    history: async (image, platform) =>
      (await import('./image-history.ts')).imageHistory(engine, image, platform),
    inspect: async (images, platform) =>
      (await import('./inspect-images.ts')).inspectImages(engine, images, platform),
    layers: async (request, call) => (await import('./report-layers.ts')).reportLayers(engine, request, call),
    diff: async (request, call) => (await import('./diff-images.ts')).diffTwoImages(engine, request, call),
    save: async (request, call) => (await import('./save-images.ts')).saveImages(engine, request, call),
    load: async (request, call) => (await import('./load-images.ts')).loadImages(engine, request, call),
    import: async (request, call) => (await import('./import-image.ts')).importImage(engine, request, call),
    export: async (request, call) => (await import('./export-image.ts')).exportImage(engine, request, call),
    diskUsage: async ({ signal }) => (await import('./disk-usage.ts')).diskUsage(engine, signal),
    prune: async (request, { signal }) => (await import('./prune.ts')).prune(engine, request, signal),
    check: async (request, { signal }) =>
      (await import('./check/check-store.ts')).checkStore(engine, request, signal),
    createList: async (request, { signal }) =>
      (await import('./manifest-list.ts')).createManifestList(engine, request, signal),
    annotateList: async (request) =>
      (await import('./manifest-list.ts')).annotateManifestList(engine, request),
    inspectManifest: async (name, { signal }) =>
      (await import('./manifest-list.ts')).inspectManifest(engine, name, signal),
    removeLists: async (lists) => (await import('./manifest-list.ts')).removeManifestLists(engine, lists),
  };
}
