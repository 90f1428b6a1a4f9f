// What a RUN is known to need of the files that are copied above it. Whatever is not known needs all of them.
import type { LintStep } from '../../lint/lint-file.ts';
import { isOneOf } from '../../lint/rules/dl/walk.ts';
import { type Install, readInstall } from '../../lint/rules/sw/installs.ts';
import { hasFlag, hasWord, type ShellCommand } from '../../lint/shell/command.ts';

export type RunKind =
  /** Packages of the distribution: nothing of the project. */
  | { kind: 'system' }
  /** Its manifests; `scripts`: programs that the project names may run, and read more. */
  | { kind: 'install'; install: Install; scripts: boolean }
  | { kind: 'unknown'; why: string };

const managers = ['apt-get', 'apt', 'apk', 'dnf', 'microdnf', 'yum', 'zypper'];
const runsScripts = ['npm', 'yarn', 'pnpm', 'bun', 'composer'];

export function runKind(step: LintStep): RunKind {
  if (!isOneOf(step, ['RUN'])) return { kind: 'unknown', why: 'it is no RUN' };
  const { mounts, heredocs, text } = step.instruction;
  const script = step.script();
  if (heredocs.length > 0 || script === undefined || script.errors.length > 0 || script.commands.length === 0)
    return { kind: 'unknown', why: 'its commands are not known' };
  if (mounts.some((mount) => !/(?:^|,)type=(?:cache|tmpfs|secret|ssh)(?:,|$)/.test(mount)))
    return { kind: 'unknown', why: 'it mounts other files' };
  // What it redirects to or from may be a file of the project.
  if (/<|>(?!\s*(?:\/|&\d))/.test(text.replace(/^RUN(?:\s+--\S+)*/i, '')))
    return { kind: 'unknown', why: 'it reads or writes files by redirection' };
  const rest = script.commands.filter((command) => !isAside(command));
  if (rest.length > 0 && rest.every(isSystemInstall)) return { kind: 'system' };
  const installs = rest.flatMap((command) => readInstall(command) ?? []);
  const [install] = installs;
  if (install === undefined) return { kind: 'unknown', why: 'it may read any file' };
  const other = rest.find((command) => readInstall(command) === undefined);
  if (other !== undefined)
    return {
      kind: 'unknown',
      why: `besides ${install.call} it runs ${other.name}, which may read any file: give ${install.call} a RUN of its own`,
    };
  if (rest.length > 1) return { kind: 'unknown', why: 'it installs for several tools' };
  const command = rest[0]!;
  const scripts = runsScripts.includes(command.name) && !hasFlag(command, 'ignore-scripts', 'no-scripts');
  return { kind: 'install', install, scripts };
}

function isSystemInstall(command: ShellCommand): boolean {
  return (
    managers.includes(command.name) &&
    command.words.every(
      ({ text, flags }) =>
        !/^[./]|\.(?:deb|rpm|apk)$|\*/.test(text) &&
        !flags.some((flag) => /^(?:root|installroot|o|c|option|config|config-file)$/.test(flag)),
    )
  );
}

/** It touches nothing of the project. */
function isAside(command: ShellCommand): boolean {
  if (['set', 'true', ':', 'echo', 'update-ca-certificates'].includes(command.name)) return true;
  if (command.name === 'rm')
    return command.words.every(
      ({ text }) => /^(?:-[rf]+$|\/(?:var|tmp|root\/\.cache)\/)/.test(text) && !text.includes('..'),
    );
  // npm's own cache.
  return command.name === 'npm' && hasWord(command, 'cache') && hasWord(command, 'clean');
}
