// What to do where the command of a step failed, as far as its exit code and its last words tell.
import { remembersOwners } from '../fs/owner-mark.ts';
import type { Resources } from '../oci/resources.ts';

export interface FailedCommand {
  argv: readonly string[];
  exitCode: number;
  /** The last lines of what it said. */
  tail: readonly string[];
  /** The kernel ended it at the limit of `--resource memory=`. */
  memoryLimitHit: boolean;
  resources: Resources | undefined;
}

/** Undefined where only its output can tell. */
export function runHint(failed: FailedCommand): string | undefined {
  return failed.memoryLimitHit
    ? memoryHint(failed.resources)
    : (startHint(failed) ??
        listHint(failed) ??
        rightsHint(failed) ??
        killedHint(failed) ??
        onlyUserHint(failed));
}

const memoryHint = ({ memory = 0 }: Resources = {}): string =>
  `${Math.round(memory / (1 << 20))} MiB were not enough: give steps more with --resource memory=SIZE, or let this one use less at once`;

/** The program itself could not be started. */
function startHint({ argv: [program = ''], tail }: FailedCommand): string | undefined {
  const last = tail.at(-1) ?? '';
  if (last.endsWith(': exec format error'))
    return 'a script needs a first line such as #!/bin/sh; a program for another machine needs an emulator: apt-get install qemu-user-static binfmt-support';
  const failure = last.startsWith(`exec: ${JSON.stringify(program)}: `);
  if (!failure || !/no such file|not found/.test(last)) return undefined;
  return program === '/bin/sh'
    ? 'the image has no shell that could be started: take a base image with one, or write RUN as a JSON list: RUN ["/program", "argument"]'
    : 'the image lacks the program, or what it needs to start: the loader of a dynamically linked one, the interpreter in the first line of a script (mind Windows line ends)';
}

/** A JSON list with a mistake in it is a line for the shell. */
const listHint = ({ argv, exitCode }: FailedCommand): string | undefined =>
  exitCode === 127 && argv.length > 1 && /^\[\s*["'].*\]\s*$/s.test(argv.at(-1)!)
    ? 'this is no JSON list, so the shell got it: strings stand in double quotes, with commas between them'
    : undefined;

const rightsHint = ({ exitCode, tail }: FailedCommand): string | undefined =>
  exitCode === 126 && /permission denied$/i.test(tail.at(-1) ?? '')
    ? 'the file may not be executed: COPY --chmod=755, or chmod +x before'
    : undefined;

const killedHint = ({ exitCode }: FailedCommand): string | undefined =>
  exitCode === 137
    ? '137 is what SIGKILL ends with: mostly the kernel, where the machine or its container has no memory left (dmesg tells)'
    : undefined;

/** Programs that fail for want of further ids say it in their own words, which have the system's at the end. */
const idSigns = /set(re|res|fs|e)?[ug]id|setgroups|initgroups|chown|chgrp|(user|group) ID|Invalid argument/i;

function onlyUserHint({ tail }: FailedCommand): string | undefined {
  if (!remembersOwners() || !tail.some((line) => idSigns.test(line))) return undefined;
  return 'steps can become no other user here, as you have one id alone: have root add ranges for you to /etc/subuid and /etc/subgid, and install newuidmap (apt-get install uidmap); or use USER for the whole step';
}
