// How the one id of a user namespace becomes everybody's.
import { remembersOwners } from '../../fs/owner-mark.ts';
import { ownerCalls, ownerFilter } from './owner-filter.ts';
import { canWatchOwners } from './watch-owners.ts';

export interface OnlyOwner {
  /** Of the system calls that the builder answers; undefined where it can't. */
  filter: Buffer | undefined;
}

let made: OnlyOwner | undefined;

/** Undefined where there are more ids. */
export function onlyOwner(): OnlyOwner | undefined {
  if (!remembersOwners()) return undefined;
  made ??= { filter: canWatchOwners() ? ownerFilter(ownerCalls(process.arch)!) : undefined };
  return made;
}
