// DL3022: a name behind --from that is no stage is taken for an image.
import type { LintStage } from '../../lint-file.ts';
import { stageNamed } from './stage-use.ts';
import { at, type LintRule, placeOf, stepsOf } from './walk.ts';

export const dl3022: LintRule = {
  code: 'DL3022',
  name: 'UnknownCopySource',
  family: 'hadolint',
  description: 'COPY --from should name a stage above, or an image with its tag',
  severity: 'warning',
  scope: 'instruction',
  on: ['COPY'],
  *check(file) {
    for (const step of stepsOf(file, ['COPY'])) {
      const { keyword, from } = step.instruction;
      if (keyword !== 'COPY' || from === undefined || from.includes(':')) continue;
      // A name with a folder is an image's; a build refuses a variable, and says so.
      if (!file.compat && /[/@$]/.test(from)) continue;
      if (file.compat ? knows(file.stages, step.stage, from) : isStage(file, step.stage, from)) continue;
      const message = `No stage above is called ${from}: a build takes it for the image ${from}:latest`;
      yield at(step, message, placeOf(step, from));
    }
  },
};

function isStage(
  file: Parameters<typeof stageNamed>[0],
  stage: LintStage | undefined,
  name: string,
): boolean {
  return stage !== undefined && (stageNamed(file, name, stage.index) !== undefined || stage.alias === name);
}

/** As hadolint looks: a number counts as far as its digits go, names in the case that they are written in. */
function knows(stages: readonly LintStage[], own: LintStage | undefined, name: string): boolean {
  const count = own === undefined ? 0 : own.index + 1;
  if (stages.slice(0, count).some(({ alias }) => alias === name)) return true;
  const digits = /^\d+/.exec(name);
  return digits !== null && Number(digits[0]) < count;
}
