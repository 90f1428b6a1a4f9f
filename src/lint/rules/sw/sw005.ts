// SW005: an owner that a RUN changes after a COPY stores the files twice.
import { at, type LintRule } from '../dl/walk.ts';
import { moveIntoCopy, rightsChanges } from './rights.ts';

export const sw005: LintRule = {
  code: 'SW005',
  name: 'ChownAfterCopy',
  family: 'slipway',
  description: 'COPY should set the owner of what it copies, by --chown',
  severity: 'info',
  scope: 'instruction',
  on: ['chown'],
  *check(file) {
    for (const change of file.stages.flatMap((stage) => [...rightsChanges(file, stage, 'chown')])) {
      const { run, command, value, copy } = change;
      const { line } = copy.instruction.range.start;
      const message = `chown stores again what the COPY in line ${line} brought: give that --chown=${value}`;
      const fix = /^[\w.-]+(?::[\w.-]+)?$/.test(value) ? moveIntoCopy(change, `--chown=${value}`) : undefined;
      yield { ...at(run, message, command.range()), fix };
    }
  },
};
