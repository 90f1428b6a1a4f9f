// SW004: permission bits that a RUN changes after a COPY store the files twice.
import { at, type LintRule } from '../dl/walk.ts';
import { moveIntoCopy, rightsChanges } from './rights.ts';

export const sw004: LintRule = {
  code: 'SW004',
  name: 'ChmodAfterCopy',
  family: 'slipway',
  description: 'COPY should set the permission bits of what it copies, by --chmod',
  severity: 'info',
  scope: 'instruction',
  on: ['chmod'],
  *check(file) {
    for (const change of file.stages.flatMap((stage) => [...rightsChanges(file, stage, 'chmod')])) {
      const { run, command, value, copy } = change;
      const mode = /^(?:a|ugo)?\+x$/.test(value) ? '755' : value;
      const { line } = copy.instruction.range.start;
      const message = `chmod stores again what the COPY in line ${line} brought: give that --chmod=${mode}`;
      const fix = /^[0-7]{3,4}$/.test(mode) ? moveIntoCopy(change, `--chmod=${mode}`) : undefined;
      yield { ...at(run, message, command.range()), fix };
    }
  },
};
