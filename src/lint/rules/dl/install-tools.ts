// What yum, dnf and zypper have in common: verbs, and whether a later command of the RUN cleans up.
import { hasWord, type ShellCommand } from '../../shell/command.ts';

/** Whether a command behind the one at `index` does what `isClean` asks for. */
export function cleansLater(
  commands: readonly ShellCommand[],
  index: number,
  isClean: (command: ShellCommand) => boolean,
): boolean {
  return commands.slice(index + 1).some(isClean);
}

/** `rm` of a cache folder; hadolint is content with any `rm -rf`. */
export function removes(command: ShellCommand, folder: string, compat: boolean): boolean {
  if (command.name !== 'rm') return false;
  if (compat) return hasWord(command, '-rf', `${folder}*`, `${folder}/*`);
  return command.words.some(
    ({ text }) => text.startsWith(folder) || text.startsWith('${') || text === '/var/cache',
  );
}
