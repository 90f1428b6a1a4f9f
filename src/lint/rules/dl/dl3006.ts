// DL3006: a base image without a tag is whatever its owner pushed last.
import { resolvedBase, splitImage } from './image-name.ts';
import { at, type LintRule, placeOf } from './walk.ts';

export const dl3006: LintRule = {
  code: 'DL3006',
  name: 'UntaggedImage',
  family: 'hadolint',
  description: 'FROM should name the tag or the digest of its image',
  severity: 'warning',
  scope: 'instruction',
  *check(file) {
    for (const stage of file.stages) {
      const written = stage.from.instruction.image;
      const image = file.compat ? written : resolvedBase(file, stage);
      if (image === undefined || stage.parent !== undefined || image === 'scratch') continue;
      const { name, tag, digest } = splitImage(image);
      if (tag !== undefined || digest !== undefined || name.startsWith('$')) continue;
      const message = `${image} has no tag, so the build takes whatever is newest: name a version`;
      yield at(stage.from, message, placeOf(stage.from, written));
    }
  },
};
