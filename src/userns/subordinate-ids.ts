// The ids that a user may have besides their own (subuid(5), subgid(5)).
import { readFileSync } from 'node:fs';

export interface IDRange {
  start: number;
  count: number;
}

/** Ranges of a user in the text of /etc/subuid or /etc/subgid; lines that are none are passed over. */
export function rangesOf(text: string, user: { name: string; id: number }): IDRange[] {
  return text.split('\n').flatMap((line) => {
    const [owner, start, count] = line.trim().split(':');
    if (owner !== user.name && owner !== String(user.id)) return [];
    const range = { start: Number(start), count: Number(count) };
    return Number.isSafeInteger(range.start) && range.count > 0 ? [range] : [];
  });
}

/** What newuidmap(1) and newgidmap(1) are told: 0 is the user, what follows is theirs besides. */
export function mapArguments(id: number, ranges: readonly IDRange[]): string[] {
  const words = [0, id, 1];
  let next = 1;
  for (const { start, count } of ranges) {
    words.push(next, start, count);
    next += count;
  }
  return words.map(String);
}

/** Of both files; undefined where either gives the user nothing. */
export function subordinateIDs(user: {
  name: string;
  id: number;
}): { uid: IDRange[]; gid: IDRange[] } | undefined {
  try {
    const uid = rangesOf(readFileSync('/etc/subuid', 'utf8'), user);
    const gid = rangesOf(readFileSync('/etc/subgid', 'utf8'), user);
    return uid.length > 0 && gid.length > 0 ? { uid, gid } : undefined;
  } catch {
    return undefined;
  }
}
