// `layers`: what each layer of an image adds, and what it wastes.
import type { CallOptions, EngineOptions } from '../engine.ts';
import type { LayersRequest } from '../image-request.ts';
import type { LayersReport } from '../inspect/layers-report.ts';
import { createLayersReporter } from '../inspect/report-layers.ts';
import { createImageOpener } from './inspected-image.ts';
import { readLayerItems } from './read-layer-items.ts';
import { layerPlaces } from './step-places.ts';

/** One layer at a time; memory grows with the number of names. @throws as ImageOpener.open */
export async function reportLayers(
  engine: EngineOptions,
  request: LayersRequest,
  call: CallOptions,
): Promise<LayersReport> {
  const { signal } = call;
  await using opener = createImageOpener(engine, call);
  const image = await opener.open(request);
  const { name, id, manifest, platform, config, layers } = image;
  const reporter = createLayersReporter({
    image: { name, id, manifest, platform, created: config.created },
    ...{ config, layers, top: request.top, listsFiles: request.files },
    places: layerPlaces(opener.root, config.rootfs.diff_ids),
  });
  for (const index of layers.keys())
    reporter.addLayer(await readLayerItems(image.open(index, signal), signal));
  return reporter.finish();
}
