// DL3027: apt is for people, and its arguments and output change.
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3027: LintRule = {
  code: 'DL3027',
  name: 'AptGetForApt',
  family: 'hadolint',
  description: 'RUN should call apt-get or apt-cache, not apt',
  severity: 'warning',
  scope: 'instruction',
  on: ['apt'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['apt'])) {
      const range = command.nameRange();
      const verb = command.words.find(({ flags }) => flags.length === 0)?.text ?? '';
      const common = ['install', 'update', 'upgrade', 'remove', 'purge', 'autoremove', 'clean', 'autoclean'];
      const edits = [{ range, text: 'apt-get' }];
      const fix =
        command.isEditable && common.includes(verb)
          ? { safety: 'safe' as const, title: 'Call apt-get', edits }
          : undefined;
      yield { ...at(step, 'apt is made for terminals and may change: call apt-get', range), fix };
    }
  },
};
