// DL3000: a relative WORKDIR depends on what the base image has.
import { fixRelativeWorkdir } from '../../fixes/folder.ts';
import type { LintStage } from '../../lint-file.ts';
import { at, type LintRule, placeOf, stepsOf, unquote } from './walk.ts';

const absolute = /^(?:\$|\/|[A-Za-z]:)/;

export const dl3000: LintRule = {
  code: 'DL3000',
  name: 'RelativeWorkdir',
  family: 'hadolint',
  description: 'WORKDIR should be an absolute path',
  severity: 'error',
  scope: 'instruction',
  on: ['WORKDIR'],
  overlaps: ['WorkdirRelativePath'],
  *check(file) {
    const anchored = new Set<LintStage>();
    for (const step of stepsOf(file, ['WORKDIR'])) {
      const { stage } = step;
      const known = stage !== undefined && (anchored.has(stage) || hasAnchor(stage.parent, anchored));
      if (absolute.test(unquote(step.instruction.value))) {
        if (stage !== undefined) anchored.add(stage);
        // Below an absolute WORKDIR of this file a relative one is no guess.
      } else if (file.compat || !known) {
        const path = step.instruction.value;
        const message = `WORKDIR ${path} is relative: where it leads depends on the base image. Begin it with /`;
        yield { ...at(step, message, placeOf(step, path)), fix: () => fixRelativeWorkdir(step, file) };
      }
    }
  },
};

function hasAnchor(stage: LintStage | undefined, anchored: ReadonlySet<LintStage>): boolean {
  return stage !== undefined && (anchored.has(stage) || hasAnchor(stage.parent, anchored));
}
