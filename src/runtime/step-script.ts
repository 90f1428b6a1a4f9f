// The shell script that puts a step's mounts together in a namespace of its own and starts the runtime there. Pure.
// It is fed to `sh -s`, so that no variable of the step shows in a command line or lies on a disk.
//
// It reports on descriptor 3, line by line: `pid N` (its process as the host sees it), `ready` (what follows is the
// step's own), `exit N`. Every other line there is the text of a failure.
import type { MountPhase } from './mount-table.ts';

/** A word of a shell script. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export const words = (list: readonly string[]): string => list.map(quote).join(' ');

/** A phase and the file that its table was written to. */
export interface TabledPhase {
  phase: MountPhase;
  table: string;
}

// `walk BELOW PATH LIKE [LINK]`: makes PATH below BELOW; LIKE is a path to resemble, `-` for a directory, or empty to make
// nothing. At a link it fails, or, with LINK, makes nothing further.
// A link on the way would lead out of the step's root, where these commands still see the host.
const functions = `
fail() { echo "$1" >&3; exit 1; }
walk() {
  at=$1 rest=\${2#/}
  while [ -n "$rest" ]; do
    case $rest in
      */*) name=\${rest%%/*} rest=\${rest#*/} ;;
      *) name=$rest rest= ;;
    esac
    at=$at/$name
    if [ -L "$at" ]; then [ -z "$4" ] || return 0; fail "$2 leads over a symbolic link"; fi
    [ ! -e "$at" ] || continue
    [ -n "$3" ] || fail "$2 does not exist"
    if [ -n "$rest" ] || [ "$3" = - ] || [ -d "$3" ]; then mkdir "$at" || exit 1; else : > "$at" || exit 1; fi
  done
}
`;

function renderPhase({ phase, table }: TabledPhase): string[] {
  const modes = phase.keepModes.map((path, index) => ({ path: quote(path), name: `mode${index}` }));
  return [
    `cd ${quote(phase.cwd)} || exit 1`,
    ...phase.sources.map(({ below, path }) => `walk ${words([below, path, ''])}`),
    ...modes.map(({ path, name }) => `${name}=; [ ! -d ${path} ] || ${name}=$(stat -c %a ${path}) || exit 1`),
    ...phase.points.map(({ below, path, like }) => `walk ${words([below, path, like ?? '-'])}`),
    ...(phase.lines.length > 0 ? [`mount -a -T ${quote(table)} || exit 1`] : []),
    ...modes.map(({ path, name }) => `[ -z "$${name}" ] || chmod "$${name}" ${path} || exit 1`),
  ];
}

/** Commands that mount the phases, in order; their failures go to the report. */
export function renderPhases(phases: readonly TabledPhase[]): string {
  return [functions, ...phases.flatMap(renderPhase)].join('\n');
}

/** Makes the folder that the step starts in, as OCI runtimes do. What lies behind a link is left to the kernel to find. */
export const renderWorkingFolder = (rootfs: string, cwd: string): string =>
  `walk ${words([rootfs, cwd, '-', 'link'])}`;

/** What makes descriptor 9 the command's input, where it has one. */
export const inputOf = (hasInput: boolean): string => (hasInput ? '<&9 9<&-' : '');

/** How the report begins where a step that asked for limits would have to run without. */
export const cannotEnter = "the step can't enter its cgroup";

/** Lines by which the shell puts itself into the groups that `entrances` belong to. */
export const enterLines = (entrances: readonly string[]): string[] =>
  entrances.map((path) => `echo 0 > ${quote(path)} || { echo ${quote(cannotEnter)} >&7; exit 1; }`);

export interface StepScript {
  setup: string;
  step: string;
  after: string;
  /** Whether the script's descriptor 9 is what the command reads: it becomes a pipe, `step`'s descriptor 9. */
  hasInput: boolean;
}

/**
 * The whole script. `setup` runs first; then `step`, a command whose standard output and error become pipes (a step may
 * open /dev/stdout, which a socket does not allow), whose input is empty, and whose exit code is reported; then `after`.
 * The report stays open to \`setup\`, \`after\` and, as descriptor 7, to \`step\`.
 */
export function renderStepScript({ setup, step, after, hasInput }: StepScript): string {
  // In the background: it must not hold up the end of the step. Not a named pipe, which can't be opened again at its end.
  const feed = hasInput ? '{ cat <&9 3>&- 5>&- 9<&- & } |' : '';
  return `main() {
umask 022
read -r pid rest < /proc/self/stat
echo "pid $pid" >&3
exec 6>&2 2>&3
${setup}
{ {
  ${feed} { ${step}
  } ${hasInput ? '9<&0' : ''} 2>&5 7>&3 3>&- 5>&-
  code=$?
  ${after}
  echo "exit $code" >&3
} 5>&1 >&4 2>/dev/null 4>&- 6>&- | cat >&6 3>&- 4>&- 6>&-; } 4>&1 | cat 3>&- 6>&-
}
main </dev/null
`;
}
