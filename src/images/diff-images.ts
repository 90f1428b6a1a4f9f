// `diff`: what differs between two images, or between an image after some of its layers and after others.
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { DiffRequest } from '../image-request.ts';
import { type DiffSide, diffImages } from '../inspect/diff-images.ts';
import { findFiles } from '../inspect/find-files.ts';
import type { ImageDiff } from '../inspect/image-diff.ts';
import { createMergedFiles } from '../inspect/merged-files.ts';
import { createImageOpener, type InspectedImage } from './inspected-image.ts';
import { readLayerItems } from './read-layer-items.ts';
import { readTexts } from './read-texts.ts';

export interface DiffResult {
  diff: ImageDiff;
  /** Of changed files that are short texts, where they were asked for: by path. */
  texts: Map<string, { before: string; after: string }>;
}

interface OpenSide extends DiffSide {
  opened: InspectedImage;
}

/** @throws as ImageOpener.open; ERR_USAGE for a layer that the image does not have */
export async function diffTwoImages(
  engine: EngineOptions,
  request: DiffRequest,
  call: CallOptions,
): Promise<DiffResult> {
  await using opener = createImageOpener(engine, call);

  async function side(text: string, platform: DiffRequest['platform']): Promise<OpenSide> {
    const [, name = text, count] = /^(.+)#(\d+)$/s.exec(text) ?? [];
    const opened = await opener.open({ image: name, platform, cwd: request.cwd });
    const { config, id, platform: own, layers: all } = opened;
    const layers = count === undefined ? all.length : Number(count);
    if (layers > all.length)
      throw new SlipwayError('ERR_USAGE', `${name} has no ${layers} layers`, {
        hint: `it has ${all.length}; "slipway layers" lists them, and NAME#2 is the image after two of them`,
      });
    const merged = createMergedFiles();
    for (let layer = 0; layer < layers; layer++)
      merged.addLayer(await readLayerItems(opened.open(layer, call.signal), call.signal), {});
    const bytes = findFiles(merged.root, 0).reachable;
    const image = { name: text, id, platform: own, layers, bytes };
    return { image, config, root: merged.root, isWhole: count === undefined, opened };
  }

  const before = await side(request.before, request.platform);
  const after = await side(request.after, request.platform);
  const diff = diffImages(before, after, { times: request.times });
  const texts = request.texts ? await readTexts(diff, { before, after }, call.signal) : new Map();
  return { diff, texts };
}
