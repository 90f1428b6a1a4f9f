// COPY and ADD as the entries of one layer, by BuildKit's rules: which name a source gets, what merges, what is made on the way.
import { SlipwayError } from '../errors.ts';
import type { CopyOp } from '../graph/vertex.ts';
import type { LayerEntry, Tree, TreeEntry } from '../seams.ts';
import { childPath, cleanPath, parentPath } from '../tree/path.ts';
import { type Copier, type CopyPlanOptions, createCopier, impliedDirectory } from './copier.ts';
import {
  type ParentSelected,
  type Selected,
  type SourcePath,
  selectParents,
  selectSources,
} from './copy-select.ts';
import type { UnpackedArchive } from './environment.ts';
import type { LayerDraft } from './layer-draft.ts';
import { listingOf } from './seen-tree.ts';

/** A source whose files are known. */
export type CopyInput =
  | ({ type: 'path' } & SourcePath)
  | { type: 'inline'; name: string; data: string }
  /** One thing that a source named. */
  | { type: 'selected'; selected: Selected }
  /** The files of an archive, laid over the destination. */
  | ({ type: 'archive' } & UnpackedArchive);

/** The layer of a COPY or ADD, sorted, to be gone through once. @throws ERR_COPY, ERR_SOURCE_NOT_FOUND, ERR_USER_NOT_FOUND, ERR_SYNTAX */
export function planCopy(
  op: CopyOp,
  inputs: readonly CopyInput[],
  options: CopyPlanOptions,
): Iterable<LayerEntry> {
  const base = op.link ? undefined : options.base;
  const copier = createCopier(op, base, options);
  // Also where no source matches.
  if (op.parents) destinationDirectory(copier, op.destination);
  for (const input of inputs) {
    copier.archive = input.type === 'archive' ? input : undefined;
    if (input.type === 'inline') placeInline(copier, op, input);
    else if (input.type === 'archive') placeArchive(copier, op, input);
    else if (input.type === 'selected') place(copier, op, input.selected);
    else if (op.parents) for (const selected of selectParents(input)) placeParents(copier, op, selected);
    else for (const selected of selectSources(input)) place(copier, op, selected);
  }
  return copier.draft.entries();
}

/** The destination as a directory that is there: links followed, made where it is missing. */
function destinationDirectory(copier: Copier, destination: string): string {
  const path = copier.draft.resolve(destination, { followLast: true });
  copier.draft.makeDirectories(path, copier.made);
  return path;
}

/** Where a file is put, whose directory gets the current time, as a kernel would set it. */
function fileTarget(copier: Copier, destination: string, name: string): string {
  const target = targetOf(copier, destination, name);
  copier.draft.touch(parentPath(target));
  return target;
}

/** Where a file of that name lands: in the destination where that is a directory, else as the destination itself. */
function targetOf(copier: Copier, destination: string, name: string): string {
  const { draft } = copier;
  if (destination.endsWith('/')) return childPath(destinationDirectory(copier, destination), name);
  const path = draft.resolve(destination, { followLast: true });
  if (draft.lstat(path)?.type === 'dir') return childPath(path, name);
  // Links are followed to their end, also where nothing is there yet.
  draft.makeDirectories(parentPath(path), copier.made);
  return path;
}

function place(copier: Copier, op: CopyOp, selected: Selected): void {
  copier.source++;
  const { tree, path, name, entry } = selected;
  if (entry.type !== 'dir') {
    putFile(copier, selected, fileTarget(copier, op.destination, name));
    return;
  }
  const target = copier.draft.resolve(op.destination, { followLast: true });
  const there = copier.draft.lstat(target);
  if (there && there.type !== 'dir') throw notDirectory(target);
  if (!there) {
    // A folder that is made for the content of another does not take after it, but for its time.
    copier.draft.makeDirectories(parentPath(target), copier.made);
    copier.draft.makeDirectories(target, { ...copier.made, mtime: entry.mtime });
  }
  copyTree(copier, tree, path, target);
  copier.draft.touch(target, entry.mtime);
}

/** The directories on the way keep what they are in the source. */
function placeParents(copier: Copier, op: CopyOp, selected: ParentSelected): void {
  const root = destinationDirectory(copier, op.destination);
  const parts = selected.relative.split('/').filter(Boolean);
  const above = cleanPath(selected.path.slice(0, selected.path.length - selected.relative.length));
  let from = above;
  let to = root;
  for (const part of parts.slice(0, -1)) {
    from = childPath(from, part);
    to = childPath(to, part);
    const entry = selected.tree.lstat(from);
    if (entry?.type === 'dir') putDirectory(copier, selected.tree, from, to);
    else copier.draft.makeDirectories(to, copier.made);
  }
  const relative = parts.join('/');
  if (copier.excluded(relative)) return;
  const target = childPath(to, parts.at(-1) ?? '');
  if (selected.entry.type !== 'dir') putFile(copier, selected, target);
  else {
    if (parts.length > 0) putDirectory(copier, selected.tree, selected.path, target);
    copyTree(copier, selected.tree, selected.path, parts.length > 0 ? target : root, relative);
  }
}

/** Lays the archive's files over the destination. Links to what is there come first: the archive's own may take its place. */
function placeArchive(copier: Copier, op: CopyOp, archive: UnpackedArchive): void {
  const { draft } = copier;
  const root = destinationDirectory(copier, op.destination);
  for (const { path, target, mode, uid, gid, mtime } of archive.links) {
    const at = cleanPath(`${root}${path}`);
    draft.makeDirectories(parentPath(at), impliedDirectory(copier));
    const file = draft.resolve(cleanPath(`${root}${target}`), { followLast: false });
    if (draft.link(at, file, (stat) => copier.land({ ...stat, uid, gid, mode, mtime }))) continue;
    throw new SlipwayError(
      'ERR_BAD_ARCHIVE',
      `${JSON.stringify(path.slice(1))} is a hard link to ${JSON.stringify(target.slice(1))}, which is a file neither of the archive nor of ${root}`,
      { hint: 'pack the file along with its links, or unpack over an image that has it' },
    );
  }
  copyTree(copier, archive.tree, '/', root);
  draft.touch(root);
}

/** Copies what `from` holds into the directory `to`. */
function copyTree(copier: Copier, tree: Tree, from: string, to: string, relative = ''): void {
  const { names, path: pathOf, entry: entryOf } = listingOf(tree, from);
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const entry = entryOf(index);
    if (!entry || entry.type === 'socket') continue;
    const source = pathOf(index);
    const target = from === to ? source : childPath(to, name);
    const below = relative === '' ? name : `${relative}/${name}`;
    const excluded = copier.excluded(below);
    if (entry.type !== 'dir') {
      if (!excluded) putFile(copier, { tree, path: source, entry }, target);
      continue;
    }
    const into = excluded ? target : putDirectory(copier, tree, source, target);
    // Something below an excluded directory can be taken in again by a pattern with "!".
    copyTree(copier, tree, source, into, below);
  }
}

/** Returns where the directory ended up. */
function putDirectory(copier: Copier, tree: Tree, source: string, target: string): string {
  const { draft } = copier;
  if (copier.archive?.implied.has(source)) {
    const into = archiveTarget(draft, target);
    draft.makeDirectories(into, impliedDirectory(copier));
    return into;
  }
  const there = draft.lstat(target);
  if (there && there.type !== 'dir' && !copier.archive) throw notDirectory(target);
  draft.add(target, {
    stat: copier.land(tree.lstat(source)!),
    linkTarget: '',
    xattrs: tree.xattrs(source),
    content: undefined,
  });
  return target;
}

/** A folder that the archive does not tell of may be a link to one: that is kept and followed. */
function archiveTarget(draft: LayerDraft, target: string): string {
  if (draft.lstat(target)?.type !== 'symlink') return target;
  const real = draft.resolve(target, { followLast: true });
  return draft.lstat(real)?.type === 'dir' ? real : target;
}

type SourceFile = Pick<Selected, 'tree' | 'path' | 'entry'>;

function putFile(copier: Copier, { tree, path: source, entry }: SourceFile, target: string): void {
  const there = copier.draft.lstat(target);
  if (there?.type === 'dir' && !copier.archive) {
    throw new SlipwayError('ERR_COPY', `cannot replace to directory ${target} with file`, {
      hint: 'remove the directory in an earlier step, or copy to another name',
    });
  }
  copier.draft.makeDirectories(parentPath(target), copier.made);
  copier.draft.add(target, {
    stat: copier.land(entry),
    linkTarget: entry.type === 'symlink' ? tree.readlink(source) : '',
    xattrs: entry.type === 'symlink' ? {} : tree.xattrs(source),
    content: undefined,
    origin: entry.type === 'file' ? { tree, path: source } : undefined,
    // Of links, too, in an archive; a copy parts their names, as in BuildKit.
    group:
      entry.link !== '' && (entry.type === 'file' || copier.archive)
        ? `${copier.source} ${entry.link}`
        : undefined,
  });
}

function placeInline(copier: Copier, op: CopyOp, input: { name: string; data: string }): void {
  const data = Buffer.from(input.data);
  if (op.destination.endsWith('/') && (/\//.test(input.name) || ['.', '..'].includes(input.name))) {
    throw new SlipwayError(
      'ERR_COPY',
      `a heredoc named ${JSON.stringify(input.name)} can't be a file in ${op.destination}`,
      {
        hint: 'give the destination a file name',
      },
    );
  }
  const target = fileTarget(copier, op.destination, input.name);
  if (copier.draft.lstat(target)?.type === 'dir') throw notDirectory(target);
  const stat: TreeEntry = {
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: data.length,
    mtime: copier.made.mtime,
    major: 0,
    minor: 0,
    link: '',
  };
  copier.draft.add(target, { stat: copier.land(stat), linkTarget: '', xattrs: {}, content: data });
}

function notDirectory(path: string): SlipwayError {
  return new SlipwayError('ERR_COPY', `cannot copy to non-directory: ${path}`, {
    hint: 'a directory can only be copied to a directory, or to a name that is free',
  });
}
