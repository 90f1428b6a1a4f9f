// What a COPY or ADD reads, as the content part of its key: names and entries, not times, nor what its flags override.
import { createPatternMatcher } from '../dockerfile/ignore.ts';
import type { CopyOp } from '../graph/vertex.ts';
import { digestOf } from '../oci/digest.ts';
import type { KeyTree, Tree } from '../seams.ts';
import { type EntryKeyOptions, entryKey, selfName } from '../tree/key-tree.ts';
import { childPath } from '../tree/path.ts';
import type { CopyInput } from './copy-plan.ts';
import { type Selected, selectParents, selectSources } from './copy-select.ts';

interface Reader {
  options: EntryKeyOptions;
  excluded(relative: string): boolean;
}

function readBelow(reader: Reader, tree: Tree, path: string, relative: string): KeyTree {
  const node: KeyTree = {};
  for (const name of tree.readdir(path)) {
    const child = childPath(path, name);
    const below = relative === '' ? name : `${relative}/${name}`;
    const entry = tree.lstat(child);
    if (!entry || entry.type === 'socket') continue;
    const excluded = reader.excluded(below);
    if (entry.type !== 'dir') {
      if (!excluded) node[name] = entryKey(tree, child, entry, reader.options);
      continue;
    }
    const inner = readBelow(reader, tree, child, below);
    if (!excluded) inner[selfName] = entryKey(tree, child, entry, reader.options);
    if (!excluded || Object.keys(inner).length > 0) node[name] = inner;
  }
  return node;
}

function readSelected(reader: Reader, selected: Selected, relative: string): KeyTree | string {
  const { tree, path, entry } = selected;
  const own = entryKey(tree, path, entry, reader.options);
  if (entry.type !== 'dir') return own;
  return { [selfName]: own, ...readBelow(reader, tree, path, relative) };
}

/** Reads every file that the sources name, through the trees' content digests. @throws ERR_SOURCE_NOT_FOUND */
export function copyContentKey(op: CopyOp, inputs: readonly CopyInput[]): KeyTree {
  const matcher = op.excludes.length > 0 ? createPatternMatcher(op.excludes) : undefined;
  const reader: Reader = {
    options: { mode: !/^[0-7]+$/.test(op.chmod ?? ''), owner: op.chown === undefined },
    excluded: (relative) => matcher?.ignores(relative) ?? false,
  };
  const root: KeyTree = {};
  for (const [index, input] of inputs.entries()) {
    if (input.type === 'inline') root[`${index} <<${input.name}`] = digestOf(input.data);
    else if (input.type === 'path' && op.parents) {
      const selected = selectParents(input);
      const node: KeyTree = {};
      for (const one of selected) node[one.relative] = readSelected(reader, one, one.relative.slice(1));
      root[String(index)] = node;
    } else if (input.type === 'path') {
      const node: KeyTree = {};
      // A directory's own name does not reach the destination.
      for (const [at, one] of selectSources(input).entries()) {
        node[one.entry.type === 'dir' ? `${at}/` : one.name] = readSelected(reader, one, '');
      }
      root[String(index)] = node;
    }
  }
  return root;
}
