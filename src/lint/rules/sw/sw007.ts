// SW007: a stage that nothing comes from. What has a name may be a target of its own, unless the name says otherwise.
import { leafStages } from '../dl/stage-use.ts';
import { at, type LintRule } from '../dl/walk.ts';

/** Names of stages that make something for others. */
const maker =
  /^(?:base|build|builder|builds?-\w+|\w+-build|\w+-builder|compile|compiler|deps|dependencies|\w+-deps)$/i;

export const sw007: LintRule = {
  code: 'SW007',
  name: 'UnusedStage',
  family: 'slipway',
  description: 'Something should come from each stage but the last one',
  severity: 'warning',
  scope: 'instruction',
  *check(file) {
    const last = file.stages.at(-1);
    for (const { from, alias } of leafStages(file).filter((stage) => stage !== last)) {
      if (alias !== undefined && !maker.test(alias)) continue;
      const what = alias === undefined ? 'This stage has no name, and nothing' : 'Nothing';
      const message = `${what} is copied from ${alias ?? 'it'} and no stage is built on it: the image lacks what it makes`;
      yield at(from, message);
    }
  },
};
