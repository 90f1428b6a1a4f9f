// What to do where a step failed because there is one id alone.
import { remembersOwners } from '../fs/owner-mark.ts';

/** Programs say it in their own words, which have the system's at the end. */
const signs = /set(re|res|fs|e)?[ug]id|setgroups|initgroups|chown|chgrp|(user|group) ID|Invalid argument/i;

/** @param tail the last lines of what the step said. */
export function onlyUserHint(tail: readonly string[]): string | undefined {
  if (!remembersOwners() || !tail.some((line) => signs.test(line))) return undefined;
  return 'steps can become no other user here, as you have one id alone: have root add ranges for you to /etc/subuid and /etc/subgid, and install newuidmap (apt-get install uidmap); or use USER for the whole step';
}
