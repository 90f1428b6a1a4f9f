// What apt-get is asked to install.
import { hasWord, operands, type ShellCommand, type ShellWord, withoutValues } from '../../shell/command.ts';

const hadolintFlags = ['t', 'target-release'];
const flagsWithValues = [...hadolintFlags, 'o', 'option', 'c', 'config-file', 'default-release'];

/** The packages of `apt-get install`; undefined for other calls. */
export function aptPackages(command: ShellCommand, compat: boolean): ShellWord[] | undefined {
  if (command.name !== 'apt-get' || !hasWord(command, 'install')) return undefined;
  const names = compat ? hadolintFlags : flagsWithValues;
  const words = operands(withoutValues(command.words, { names, greedy: compat }));
  return words.filter(({ text }) => text !== 'install');
}
