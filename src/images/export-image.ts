// `export`: the files that a container of an image begins with, as one tar.
import { resolve } from 'node:path';
import { openState } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { treeEntries } from '../export/files.ts';
import { writeOutput } from '../export/write-output.ts';
import type { ExportRequest } from '../image-request.ts';
import { packLayer } from '../layer/tar-writer.ts';
import type { Layer } from '../seams.ts';
import { readCatalog, readStoredImage } from './catalog.ts';
import { chooseManifest } from './choose-manifest.ts';
import { ensureLayers } from './ensure-layers.ts';
import { findImage } from './find-image.ts';
import { openStore } from './open-store.ts';

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BLOB_NOT_FOUND, ERR_EXPORT; what fetching layers throws */
export async function exportImage(
  engine: EngineOptions,
  request: ExportRequest,
  call: CallOptions,
): Promise<void> {
  const { signal } = call;
  const { image } = findImage(await readCatalog(openStore(engine)), request.image);
  await using state = openState(engine);
  const held = { ...(await readStoredImage(state.store, image.descriptor)), names: image.names };
  const chosen = chooseManifest(held, request.image, request.platform);
  await ensureLayers(held, [chosen], { engine, state, call });
  const layers = chosen.config.rootfs.diff_ids.map(
    (diffID, index): Layer => ({ diffID, size: undefined, blobs: [chosen.manifest.layers[index]!] }),
  );
  const { tree } = await (await state.snapshotter()).view(layers, signal);
  const dest = request.dest === '-' ? '-' : resolve(request.cwd, request.dest);
  await writeOutput(packLayer(treeEntries(tree, signal), { signal }), {
    dest,
    stdout: request.stdout,
    signal,
  });
}
