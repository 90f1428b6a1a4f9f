// What changed between two key trees of files: content, modes, names. One change for each path, and what was only renamed as one.
import type { KeyTree } from '../seams.ts';
import type { FileChange } from './explanation.ts';

/** A directory's own entry stands under this name. */
const selfName = '/';

/** Changes sorted by path. */
export function compareFiles(before: KeyTree | string, after: KeyTree | string): FileChange[] {
  const [old, now] = [flatten(before), flatten(after)];
  const changes: FileChange[] = [];
  const gone: [path: string, entry: string][] = [];
  for (const [path, entry] of old) {
    const other = now.get(path);
    if (other === undefined) gone.push([path, entry]);
    else if (other !== entry) changes.push(...entryChanges(path, entry, other));
  }
  const byEntry = new Map<string, string[]>();
  for (const [path, entry] of gone) {
    if (!isFile(entry)) continue;
    const known = byEntry.get(entry);
    if (known) known.push(path);
    else byEntry.set(entry, [path]);
  }
  const moved = new Set<string>();
  for (const [path, entry] of now) {
    if (old.has(path)) continue;
    const from = byEntry.get(entry)?.shift();
    if (from === undefined) changes.push({ change: 'added', path });
    else {
      moved.add(from);
      changes.push({ change: 'renamed', path, from });
    }
  }
  for (const [path] of gone) if (!moved.has(path)) changes.push({ change: 'removed', path });
  return withoutImplied(changes, { old, now }).sort((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : 0,
  );
}

const isFile = (entry: string): boolean => entry.startsWith('file ');
const isFolder = (entry: string | undefined): boolean => entry?.startsWith('dir') === true;

/** Entries by path. The names that COPY gives its sources (`0`, `0/`, `0 app.txt`) are left out, as far as names differ without them. */
function flatten(tree: KeyTree | string): Map<string, string> {
  const entries = new Map<string, string>();
  const visit = (node: KeyTree | string, path: string): void => {
    if (typeof node === 'string') {
      entries.set(path === '' ? '.' : path, node);
      return;
    }
    for (const [name, value] of Object.entries(node)) {
      if (name === selfName || name === '.') visit(value, path);
      // Of COPY --parents: what lies on the way.
      else if (name.startsWith('//')) visit(value, name.slice(1));
      else visit(value, path === '' ? name : `${path}/${name}`);
    }
  };
  visit(tree, '');
  return entries;
}

/** A folder that came or went tells nothing where something in it did. */
function withoutImplied(
  changes: readonly FileChange[],
  { old, now }: { old: ReadonlyMap<string, string>; now: ReadonlyMap<string, string> },
): FileChange[] {
  const implied = new Set<string>();
  for (const { path, change } of changes)
    if (['added', 'removed', 'renamed'].includes(change))
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
        implied.add(path.slice(0, at));
  return changes.filter(({ path, change }) => {
    const entry = change === 'added' ? now.get(path) : change === 'removed' ? old.get(path) : undefined;
    return !(isFolder(entry) && implied.has(path));
  });
}

/** `file 0644 0:0 sha256:…`: type, mode, owner, content or target, each where the key has it. */
interface Entry {
  type: string;
  mode: string;
  owner: string;
  content: string;
  link: string;
  attributes: string;
}

function parseEntry(text: string): Entry {
  const [type = '', ...words] = text.split(' ');
  const entry: Entry = { type, mode: '', owner: '', content: '', link: '', attributes: '' };
  if (type === 'symlink') {
    const quote = text.indexOf('"');
    return { ...entry, owner: words[0]?.includes(':') ? words[0] : '', link: text.slice(quote) };
  }
  for (const word of words) {
    if (/^[0-7]{4}$/.test(word) && entry.mode === '') entry.mode = word;
    else if (/^\d+:\d+$/.test(word)) entry.owner = word;
    else if (word.startsWith('sha256:') || /^\d+,\d+$/.test(word)) entry.content = word;
    else entry.attributes += entry.attributes === '' ? word : ` ${word}`;
  }
  // A heredoc is known by its digest alone.
  if (text.startsWith('sha256:')) return { ...entry, type: 'file', content: text };
  return entry;
}

function entryChanges(path: string, before: string, after: string): FileChange[] {
  const [old, now] = [parseEntry(before), parseEntry(after)];
  if (old.type !== now.type) return [{ change: 'type', path, before: old.type, after: now.type }];
  return (['content', 'link', 'mode', 'owner', 'attributes'] as const).flatMap((change) =>
    old[change] === now[change] ? [] : [{ change, path, before: old[change], after: now[change] }],
  );
}
