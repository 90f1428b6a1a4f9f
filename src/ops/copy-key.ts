// What a COPY or ADD reads, as the content part of its key: names and entries, not times, nor what its flags override.
import { createPatternMatcher } from '../dockerfile/ignore.ts';
import type { CopyOp } from '../graph/vertex.ts';
import { digestOf } from '../oci/digest.ts';
import type { KeyTree, Tree } from '../seams.ts';
import {
  type EntryKeyOptions,
  emptyKeyTree,
  entryKey,
  entryKeySteps,
  muchContent,
  selfName,
} from '../tree/key-tree.ts';
import { ancestors } from '../tree/path.ts';
import type { Steps } from '../tree/steps.ts';
import type { CopyInput } from './copy-plan.ts';
import {
  type ParentSelected,
  type Selected,
  type SourcePath,
  selectParents,
  selectSources,
} from './copy-select.ts';
import { listingOf } from './seen-tree.ts';

/** Entries of a directory between two steps. */
const stride = 256;

interface Reader {
  options: EntryKeyOptions;
  excluded(relative: string): boolean;
}

function* readBelow(reader: Reader, tree: Tree, path: string, relative: string): Steps<KeyTree> {
  const node = emptyKeyTree();
  const { names, path: pathOf, entry: entryOf } = listingOf(tree, path);
  for (let index = 0; index < names.length; index++) {
    if (index % stride === 0) yield;
    const name = names[index]!;
    const entry = entryOf(index);
    if (!entry || entry.type === 'socket') continue;
    const child = pathOf(index);
    const below = relative === '' ? name : `${relative}/${name}`;
    const excluded = reader.excluded(below);
    if (entry.type !== 'dir') {
      if (excluded) continue;
      // A generator for each of many files would cost more than their keys.
      node[name] =
        entry.size < muchContent
          ? entryKey(tree, child, entry, reader.options)
          : yield* entryKeySteps(tree, child, entry, reader.options);
      continue;
    }
    const inner = yield* readBelow(reader, tree, child, below);
    if (!excluded) inner[selfName] = entryKey(tree, child, entry, reader.options);
    if (!excluded || Object.keys(inner).length > 0) node[name] = inner;
  }
  return node;
}

function* readSelected(reader: Reader, selected: Selected, relative: string): Steps<KeyTree | string> {
  const { tree, path, entry } = selected;
  const own = yield* entryKeySteps(tree, path, entry, reader.options);
  if (entry.type !== 'dir') return own;
  const node = yield* readBelow(reader, tree, path, relative);
  node[selfName] = own;
  return node;
}

/** What lies on the way to a source of --parents is copied with its own metadata. */
function* readParents(reader: Reader, selected: ParentSelected): Steps<KeyTree> {
  const { tree, path, relative } = selected;
  const node = emptyKeyTree();
  const above = ancestors(relative).length - 1;
  const parents = ancestors(path).slice(ancestors(path).length - above);
  for (const parent of above > 0 ? parents : []) {
    const entry = tree.lstat(parent);
    if (entry) node[`${selfName}${parent}`] = entryKey(tree, parent, entry, reader.options);
  }
  node['.'] = yield* readSelected(reader, selected, relative.slice(1));
  return node;
}

function* readSource(reader: Reader, input: SourcePath, parents: boolean): Steps<KeyTree> {
  const node = emptyKeyTree();
  if (parents) {
    for (const one of selectParents(input)) node[one.relative] = yield* readParents(reader, one);
    return node;
  }
  // A directory's own name does not reach the destination.
  for (const [at, one] of selectSources(input).entries()) {
    node[one.entry.type === 'dir' ? `${at}/` : `${at} ${one.name}`] = yield* readSelected(reader, one, '');
  }
  return node;
}

function* lookBelow(tree: Tree, path: string): Steps<void> {
  const { names, path: pathOf, entry: entryOf } = listingOf(tree, path);
  for (let index = 0; index < names.length; index++) {
    if (index % stride === 0) yield;
    if (entryOf(index)?.type === 'dir') yield* lookBelow(tree, pathOf(index));
  }
}

/** Looks at all that the sources name, and reads none of it. @throws ERR_SOURCE_NOT_FOUND */
export function* lookAtSources(op: CopyOp, inputs: readonly CopyInput[]): Steps<void> {
  for (const input of inputs) {
    if (input.type !== 'path') continue;
    for (const { tree, path, entry } of op.parents ? selectParents(input) : selectSources(input))
      if (entry.type === 'dir') yield* lookBelow(tree, path);
  }
}

/** Reads every file that the sources name, through the trees' content digests. @throws ERR_SOURCE_NOT_FOUND */
export function* copyContentKey(op: CopyOp, inputs: readonly CopyInput[]): Steps<KeyTree> {
  const matcher = op.excludes.length > 0 ? createPatternMatcher(op.excludes) : undefined;
  const reader: Reader = {
    options: { mode: !/^[0-7]+$/.test(op.chmod ?? ''), owner: op.chown === undefined },
    excluded: (relative) => matcher?.ignores(relative) ?? false,
  };
  const root = emptyKeyTree();
  for (const [index, input] of inputs.entries()) {
    if (input.type === 'inline') root[`${index} <<${input.name}`] = digestOf(input.data);
    else if (input.type === 'path') root[String(index)] = yield* readSource(reader, input, op.parents);
  }
  return root;
}
