// DL3016: what npm installs without a version is another thing next week.
import { operands, type ShellCommand, type ShellWord, withoutValues } from '../../shell/command.ts';
import { tellUnpinned } from './pinned.ts';
import { commandsOf, type LintRule } from './walk.ts';

const git = /^git(?:\+(?:ssh|http|https))?:\/\//;

export const dl3016: LintRule = {
  code: 'DL3016',
  name: 'UnpinnedNpm',
  family: 'hadolint',
  description: 'npm install should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: ['npm'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['npm'])) {
      const words = npmPackages(command, file.compat);
      if (words !== undefined)
        yield* tellUnpinned(file, { step, command }, { words, isPinned, form: 'name@version' });
    }
  },
};

function npmPackages(command: ShellCommand, compat: boolean): ShellWord[] | undefined {
  const names = compat
    ? ['loglevel', 'registry']
    : ['loglevel', 'registry', 'prefix', 'cache', 'omit', 'include', 'w'];
  const words = operands(withoutValues(command.words, { names, greedy: compat }));
  const verbs = compat ? ['install'] : ['install', 'i', 'add'];
  return verbs.includes(words[0]?.text ?? '') ? words.slice(1) : undefined;
}

function isPinned(text: string): boolean {
  if (git.test(text)) return text.includes('#');
  if (/\.(?:tar|tar\.gz|tgz)$/.test(text) || /^(?:\/|\.\/|\.\.\/|~\/)/.test(text) || text === '.')
    return true;
  const scoped = text.startsWith('@') ? text.slice(text.indexOf('/') + 1) : text;
  return scoped.includes('@');
}
