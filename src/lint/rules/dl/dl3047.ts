// DL3047: the progress of wget fills the log with lines that nobody reads.
import { hasFlag, hasWord } from '../../shell/command.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

const quiet = ['progress', 'q', 'quiet', 'o', 'output-file', 'a', 'append-output', 'no-verbose'];

export const dl3047: LintRule = {
  code: 'DL3047',
  name: 'WgetProgress',
  family: 'hadolint',
  description: 'wget should have --progress, or be quiet',
  severity: 'info',
  scope: 'instruction',
  on: ['wget'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['wget'])) {
      if (hasFlag(command, ...quiet) || hasWord(command, '-nv')) continue;
      const name = command.nameRange();
      const edits = [{ range: { start: name.end, end: name.end }, text: ' --progress=dot:giga' }];
      const fix = { safety: 'suggested' as const, title: 'Add --progress=dot:giga', edits };
      const message = 'The progress of wget fills the log: add --progress=dot:giga, or -nv';
      yield { ...at(step, message, command.range()), fix: command.isEditable ? fix : undefined };
    }
  },
};
