// What changed between two lock files, and how it is told.
import type { LockFile } from './lock-file.ts';

export interface LockChange {
  kind: 'image' | 'git' | 'url';
  /** As in the lock file. */
  name: string;
  /** A digest or a commit; undefined: the entry is new. */
  before: string | undefined;
  /** Undefined: nothing reads it any more. */
  after: string | undefined;
  /** Of images: platforms that came and went while the reference stayed. */
  platforms: { added: string[]; removed: string[] };
}

interface Entry extends Pick<LockChange, 'kind' | 'name'> {
  value: string;
  platforms: string[];
}

function flat({ images, git, urls }: LockFile): Map<string, Entry> {
  const entries: Entry[] = [
    ...Object.entries(images).map(([name, { digest, platforms }]): Entry => {
      return { kind: 'image', name, value: digest, platforms: Object.keys(platforms) };
    }),
    ...Object.entries(git).map(([name, { commit }]): Entry => {
      return { kind: 'git', name, value: commit, platforms: [] };
    }),
    ...Object.entries(urls).map(([name, value]): Entry => ({ kind: 'url', name, value, platforms: [] })),
  ];
  return new Map(entries.map((entry) => [`${entry.kind} ${entry.name}`, entry]));
}

/** In the order of kinds, then of names. */
export function lockChanges(before: LockFile, after: LockFile): LockChange[] {
  const old = flat(before);
  const now = flat(after);
  const kinds = ['image', 'git', 'url'];
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  const changes = keys.flatMap((key): LockChange[] => {
    const one = old.get(key);
    const other = now.get(key);
    const { kind, name } = (other ?? one)!;
    const added = (other?.platforms ?? []).filter((platform) => !one?.platforms.includes(platform));
    const removed = (one?.platforms ?? []).filter((platform) => !other?.platforms.includes(platform));
    const same = one?.value === other?.value && added.length + removed.length === 0;
    return same
      ? []
      : [{ kind, name, before: one?.value, after: other?.value, platforms: { added, removed } }];
  });
  return changes.sort(
    (a, b) =>
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

/** Enough of a digest or commit to tell two apart. */
function short(value: string): string {
  return value.startsWith('sha256:') ? value.slice(0, 'sha256:'.length + 12) : value.slice(0, 12);
}

/** A line for each change: `+` new, `-` gone, `~` another. */
export function formatLockChanges(changes: readonly LockChange[]): string {
  return changes
    .map(({ name, before, after, platforms }) => {
      if (before === undefined) return `+ ${name}  ${short(after!)}\n`;
      if (after === undefined) return `- ${name}  ${short(before)}\n`;
      const moved = before === after ? short(after) : `${short(before)} -> ${short(after)}`;
      const notes = [
        ...platforms.added.map((platform) => `+${platform}`),
        ...platforms.removed.map((platform) => `-${platform}`),
      ];
      return `~ ${name}  ${[moved, ...notes].join(' ')}\n`;
    })
    .join('');
}
