// `images`: what the store holds, newest first, as far as the filters let it through.
import type { EngineOptions } from '../engine.ts';
import type { ImageFilter, ImageSummary } from '../image-request.ts';
import { readCatalog, type StoredImage } from './catalog.ts';
import { findImage } from './find-image.ts';
import { createdTime, hasLabels, labelsOf, summarize } from './image-facts.ts';
import { compileReferencePattern } from './match-pattern.ts';
import { openStore } from './open-store.ts';

/** @throws ERR_IMAGE_NOT_FOUND for an image that a filter names; ERR_USAGE for what is no pattern. */
export async function listImages(engine: EngineOptions, filter: ImageFilter): Promise<ImageSummary[]> {
  const state = openStore(engine);
  const all = await readCatalog(state);
  const passes = compileFilter(filter, all);
  const chosen = all.flatMap((image) => passes(image) ?? []);
  chosen.sort((a, b) => createdTime(b) - createdTime(a));
  const summaries: ImageSummary[] = [];
  for (const image of chosen) summaries.push(await summarize(state, image));
  return summaries;
}

/** The image, with the names that fit; undefined where it does not pass. */
function compileFilter(
  filter: ImageFilter,
  all: readonly StoredImage[],
): (image: StoredImage) => StoredImage | undefined {
  const times = (list: readonly string[] | undefined): number[] =>
    (list ?? []).map((text) => createdTime(findImage(all, text).image));
  const before = Math.min(filter.until ?? Number.POSITIVE_INFINITY, ...times(filter.before));
  const since = Math.max(Number.NEGATIVE_INFINITY, ...times(filter.since));
  const patterns = filter.references?.map(compileReferencePattern);
  return (image) => {
    const created = createdTime(image);
    const isDangling = image.names.length === 0;
    if (filter.dangling !== undefined && filter.dangling !== isDangling) return undefined;
    if (created >= before || created <= since) return undefined;
    if (filter.labels && !hasLabels(labelsOf(image), filter.labels)) return undefined;
    if (!patterns) return image;
    const names = image.names.filter((name) => patterns.some((fits) => fits(name)));
    return names.length > 0 ? { ...image, names } : undefined;
  };
}
