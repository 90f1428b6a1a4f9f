// The commands by which a prepared process becomes a step's command: limits, capabilities, groups, environment, root, user.
import type { StepSpec } from '../seams.ts';
import { defaultCapabilities } from './confinement.ts';
import { enterLines, inputOf, quote, words } from './step-script.ts';

/**
 * Variables that the C library of a program of the host would obey: by them an image could have its files loaded before
 * the step is confined.
 */
const unsafe =
  /^(LD_.*|GLIBC_TUNABLES|GCONV_PATH|GETCONF_DIR|HOSTALIASES|LOCALDOMAIN|LOCPATH|MALLOC_.*|NIS_PATH|NLSPATH|RESOLV_HOST_CONF|RES_OPTIONS|TMPDIR|TZDIR)=/;

const limit = (value: number): string =>
  value < 0 || !Number.isSafeInteger(value) ? 'unlimited' : `${value}`;

function limits(step: StepSpec): string[] {
  if (step.ulimits.length === 0) return [];
  return [
    'prlimit',
    ...step.ulimits.map(({ name, soft, hard }) => `--${name.toLowerCase()}=${limit(soft)}:${limit(hard)}`),
    '--',
  ];
}

function privileges(step: StepSpec): string[] {
  const { gid, groups } = step.process;
  const kept = defaultCapabilities.map((name) => `+${name.toLowerCase()}`);
  const bounding = step.security === 'insecure' ? [] : ['--bounding-set', ['-all', ...kept].join(',')];
  const list = groups.length > 0 ? ['--groups', groups.join(',')] : ['--clear-groups'];
  return ['setpriv', '--inh-caps', '-all', ...bounding, '--regid', `${gid}`, ...list, '--'];
}

export interface SandboxStart {
  /** The absolute path of unshare(1): once the step's variables are set, PATH is the step's. */
  unshare: string;
  /** As in the script around it. */
  hasInput: boolean;
  /** What the command reads where it has no input; a path of the host. */
  input: string;
  /** Files by which the process enters the step's cgroups. */
  entrances: readonly string[];
}

/**
 * Ends in an exec; the current directory is the step's root. The user changes last, in the process that also changes the
 * root, so that the capabilities for that are still there. Variables that are unsafe for programs of the host are set by
 * the image's own env(1), within the root.
 */
export function sandboxCommand(step: StepSpec, at: SandboxStart): string {
  const { argv, env, cwd, uid } = step.process;
  const outside = env.filter((pair) => !unsafe.test(pair));
  const inside = env.filter((pair) => unsafe.test(pair));
  const user = uid === 0 ? [] : ['--setuid', `${uid}`];
  const enter = [at.unshare, '--root', '.', '--wd', cwd, ...user, '--'];
  const limited = at.entrances.length > 0;
  const start = [
    // Signals to its own group would reach the shells above.
    'setsid',
    '--',
    ...(limited ? [at.unshare, '--cgroup', '--'] : []),
    ...limits(step),
    ...privileges(step),
    'env',
    '-i',
    ...outside,
  ];
  const input = at.hasInput ? inputOf(true) : `< ${quote(at.input)}`;
  const closed = `2>&8 3>&- 7>&- 8>&- ${input}`;
  const pipes = `/proc/self/fd/1 /proc/self/fd/8${at.hasInput ? ' /proc/self/fd/9' : ''}`;
  const owner = uid === 0 ? [] : [`chown ${uid} ${pipes} || exit 1`];
  owner.push(...enterLines(at.entrances));
  if (inside.length === 0) {
    return [...owner, 'echo ready >&3', `exec ${words([...start, ...enter, ...argv])} ${closed}`].join('\n');
  }
  return [
    'env=',
    'for at in usr/bin/env bin/env; do if [ -e "$at" ] || [ -L "$at" ]; then env=/$at; break; fi; done',
    `[ -n "$env" ] || fail ${words([`the image has no env(1), which sets ${inside.map((pair) => pair.split('=')[0]).join(', ')}`])}`,
    ...owner,
    'echo ready >&3',
    `exec ${words([...start, ...enter])} "$env" ${words([...inside, ...argv])} ${closed}`,
  ].join('\n');
}
