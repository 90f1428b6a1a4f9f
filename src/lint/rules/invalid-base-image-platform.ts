// InvalidBaseImagePlatform: an image of another platform than the one asked for runs only under emulation, if at all.
import { formatPlatform, normalizePlatform, type Platform } from '../../oci/platform.ts';
import { type Rule, report } from '../rule.ts';

const quoted = (platform: Platform): string => JSON.stringify(formatPlatform(platform));

export const invalidBaseImagePlatform: Rule = {
  code: 'InvalidBaseImagePlatform',
  name: 'InvalidBaseImagePlatform',
  family: 'buildkit',
  description: 'A base image should be of the platform that is built for',
  severity: 'warning',
  scope: 'instruction',
  *check({ stages, bases, reached }) {
    for (const stage of stages.filter((one) => reached.has(one))) {
      const { name, config, platform } = bases.get(stage)!;
      if (config === undefined) continue;
      const { os, architecture, variant } = config;
      const actual = normalizePlatform({ os, architecture, ...(variant ? { variant } : {}) });
      const wanted = normalizePlatform(platform);
      if (actual.os === wanted.os && actual.architecture === wanted.architecture) continue;
      yield report(
        stage.from,
        `Base image ${name} was pulled with platform ${quoted(actual)}, expected ${quoted(wanted)} for current build`,
      );
    }
  },
};
