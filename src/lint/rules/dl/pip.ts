// Calls of pip: what is installed, and how its arguments are read.
import type { Run } from '../../file-index.ts';
import type { LintFile } from '../../lint-file.ts';
import {
  hasFlag,
  hasWord,
  operands,
  type ShellCommand,
  type ShellWord,
  withoutValues,
} from '../../shell/command.ts';

const flagsWithValues = [
  ...['abi', 'b', 'build', 'e', 'editable', 'extra-index-url', 'f', 'find-links', 'i', 'index-url'],
  ...['implementation', 'no-binary', 'only-binary', 'platform', 'prefix', 'progress-bar', 'proxy'],
  ...['python-version', 'root', 'src', 't', 'target', 'trusted-host', 'upgrade-strategy'],
];
const more = [
  'cache-dir',
  'cert',
  'client-cert',
  'config-settings',
  'C',
  'log',
  'report',
  'retries',
  'timeout',
  'python',
];

/** Of commands that may be it. */
export const pipNames: readonly string[] = ['pip*', 'python*'];

/** RUNs with such commands. */
export function pipRuns({ index }: LintFile): readonly Run[] {
  return index.runs.filter(({ script }) => {
    for (const name of script.code.names)
      if (name.startsWith('pip') || name.startsWith('python')) return true;
    return false;
  });
}

/** Whether a command is `pip install`, under whatever name pip goes. */
export function isPipInstall({ name, words }: ShellCommand): boolean {
  if (name.startsWith('pip') && !name.startsWith('pipenv'))
    return words.some(({ text }) => text === 'install');
  if (!name.startsWith('python')) return false;
  const index = words.findIndex(({ text }) => text === '-m');
  return index >= 0 && words[index + 1]?.text === 'pip' && words[index + 2]?.text === 'install';
}

/** The packages that it names; undefined where a file lists them, or where it is another call. */
export function pipPackages(command: ShellCommand, compat: boolean): ShellWord[] | undefined {
  if (!isPipInstall(command) || hasWord(command, '-r', '--requirement', '.')) return undefined;
  if (hasFlag(command, 'c', 'constraint')) return undefined;
  if (!compat && hasFlag(command, 'r', 'requirement', 'group')) return undefined;
  const names = compat ? flagsWithValues : [...flagsWithValues, ...more];
  const words = operands(withoutValues(command.words, { names, greedy: compat }));
  return words.slice(words.findIndex(({ text }) => text === 'install') + 1);
}

const vcs = /^(?:git|hg|svn|bzr)(?:\+|:\/\/)/;
/** hadolint takes every word that begins so for a repository. */
const seemsVcs = /^(?:git|svn|(?:hg|bzr)\+)/;

export function isPinnedForPip(text: string, compat: boolean): boolean {
  if (
    compat
      ? seemsVcs.test(text) && !/[=!~]=|[<>]/.test(text) && !/\.(?:whl|tar\.gz)$/.test(text)
      : vcs.test(text)
  )
    return text.includes('@');
  return /[=<>!~]=|[<>]/.test(text) || /\.whl$|\.tar\.gz$/.test(text) || text.includes('/');
}
