// Puts the comparison of two images together.
import type { ImageConfig } from '../oci/config.ts';
import { compareConfigs } from './compare-configs.ts';
import { type CompareOptions, compareFiles } from './compare-files.ts';
import { addDifference, noSums } from './difference-sums.ts';
import type { ComparedImage, FileDifference, FileFacts, ImageDiff, Sums } from './image-diff.ts';
import { matchHistory } from './match-history.ts';
import type { FileNode } from './merged-files.ts';

export interface DiffSide {
  image: ComparedImage;
  config: ImageConfig;
  root: FileNode;
  /** All of the image's layers are compared, and its config with them. */
  isWhole: boolean;
}

export function diffImages(before: DiffSide, after: DiffSide, options: CompareOptions): ImageDiff {
  const files = compareFiles(before.root, after.root, options);
  const config = before.isWhole && after.isWhole ? compareConfigs(before.config, after.config) : [];
  const total = noSums();
  for (const file of files) addDifference(total, file);
  const ids = [before, after].map(({ config, image }) => config.rootfs.diff_ids.slice(0, image.layers));
  const [one = [], other = []] = ids;
  let shared = 0;
  while (shared < one.length && shared < other.length && one[shared] === other[shared]) shared++;
  return {
    version: 1,
    ...{ before: before.image, after: after.image },
    equal: files.length === 0 && config.length === 0,
    ...{ files, total, instructions: byInstruction(files, before, after), config },
    layers: {
      shared,
      common: new Set(one.filter((id) => other.includes(id))).size,
      before: one,
      after: other,
    },
  };
}

function byInstruction(
  files: readonly FileDifference[],
  before: DiffSide,
  after: DiffSide,
): ImageDiff['instructions'] {
  const texts = { before: textsOf(before), after: textsOf(after) };
  const found = new Map<string, ImageDiff['instructions'][number]>();
  for (const file of files) {
    const image = file.after ? 'after' : 'before';
    const { layer } = (file.after ?? file.before) as FileFacts;
    const key = `${image} ${layer}`;
    const sums = found.get(key) ?? { image, layer, text: texts[image].get(layer) ?? '', ...noSums() };
    addDifference(sums, file);
    found.set(key, sums);
  }
  const weight = ({ bytesAdded, bytesRemoved }: Sums): number => bytesAdded + bytesRemoved;
  return [...found.values()].sort((a, b) => weight(b) - weight(a) || a.layer - b.layer);
}

function textsOf({ config }: DiffSide): Map<number, string> {
  const steps = matchHistory(config.history, config.rootfs.diff_ids.length);
  return new Map(steps.flatMap(({ layer, text }) => (layer === undefined ? [] : [[layer, text]])));
}
