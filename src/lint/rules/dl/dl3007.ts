// DL3007: `latest` is another image each time its owner pushes.
import { resolvedBase, splitImage } from './image-name.ts';
import { at, type LintRule, placeOf } from './walk.ts';

export const dl3007: LintRule = {
  code: 'DL3007',
  name: 'LatestTag',
  family: 'hadolint',
  description: 'FROM should not name the tag latest',
  severity: 'warning',
  scope: 'instruction',
  *check(file) {
    for (const stage of file.stages) {
      const { from } = stage;
      const written = from.instruction.image;
      const image = file.compat ? written : resolvedBase(file, stage);
      if (image === undefined) continue;
      const { tag, digest } = splitImage(image);
      if (tag !== 'latest' || digest !== undefined) continue;
      const message = `${image} changes with each release: name a version`;
      yield at(from, message, placeOf(from, written));
    }
  },
};
