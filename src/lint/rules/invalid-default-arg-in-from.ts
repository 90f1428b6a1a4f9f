// InvalidDefaultArgInFrom: a Dockerfile should build without any --build-arg.

import { findStage } from '../../graph/stage.ts';
import { parseReference } from '../../oci/reference.ts';
import { type Rule, report } from '../rule.ts';
import { createTracker, tolerate } from '../tracked-expansion.ts';

export const invalidDefaultArgInFrom: Rule = {
  code: 'InvalidDefaultArgInFrom',
  name: 'InvalidDefaultArgInFrom',
  family: 'buildkit',
  description: 'The defaults of global ARGs should give FROM a valid image name',
  severity: 'warning',
  scope: 'file',
  *check({ stages, defaultEnv, dockerfile }) {
    if (defaultEnv === undefined) return;
    for (const { from, index } of stages) {
      const name = createTracker(defaultEnv.get, dockerfile.escape).word(from.image);
      // The name of a stage may be written in any case, unlike that of an image.
      if (findStage(stages, name, index) !== undefined) continue;
      if (tolerate(() => parseReference(name), undefined) !== undefined) continue;
      yield report(from, `Default value for ARG ${from.image} results in empty or invalid base image name`);
    }
  },
};
