// What of an image's files is worth a word: privileges, caches that were left, what is there twice, what is large.
import type { Digest } from '../oci/digest.ts';
import type { DuplicateReport, FoundFile, LayersReport, LeftoverReport } from './layers-report.ts';
import { type Leftover, leftoverFolder } from './leftovers.ts';
import type { Content, FileNode } from './merged-files.ts';
import { createTopList, largerFirst } from './top-list.ts';

export interface FoundFiles
  extends Pick<LayersReport, 'setuid' | 'worldWritable' | 'leftovers' | 'largest' | 'duplicates'> {
  /** Names of all but directories. */
  files: number;
  /** Contents that can be reached, each once. */
  reachable: number;
  /** What equal contents take beyond one of each. */
  duplicateBytes: number;
  /** Of those, by the layer that has them. */
  duplicatesByLayer: Map<number, number>;
}

/** Places of a duplicate that are named. */
const mostPlaces = 8;

interface Copies {
  size: number;
  places: { path: string; layer: number }[];
}

/** @param top how many of each list are named */
export function findFiles(root: FileNode, top: number): FoundFiles {
  const setuid = createTopList<FoundFile>(top, largerFirst);
  const worldWritable = createTopList<FoundFile>(top, largerFirst);
  const largest = createTopList<FoundFile>(top, largerFirst);
  const leftovers = new Map<string, LeftoverReport>();
  /** Files under several names that were met. */
  const linked = new Set<Content>();
  const byDigest = new Map<string, Content | Copies>();
  let files = 0;
  let reachable = 0;

  function visit(node: FileNode, path: string, within: Leftover | undefined): void {
    for (const [name, child] of node.children ?? []) {
      const inner = path === '' ? name : `${path}/${name}`;
      judge(child, inner);
      if (child.children) visit(child, inner, leftoverFolder(inner) ?? within);
      else count(child, inner, within);
    }
  }

  function judge({ item, layer, content }: FileNode, path: string): void {
    if (!item || (item.type !== 'file' && item.type !== 'dir')) return;
    const found = (): FoundFile => ({
      path,
      type: item.type,
      mode: item.mode.toString(8).padStart(4, '0'),
      bytes: content?.item.size ?? 0,
      layer,
    });
    if (item.type === 'file' && (item.mode & 0o6000) !== 0) setuid.add(found());
    const isSticky = item.type === 'dir' && (item.mode & 0o1000) !== 0;
    if ((item.mode & 0o002) !== 0 && !isSticky) worldWritable.add(found());
  }

  function count({ content, item }: FileNode, path: string, within: Leftover | undefined): void {
    files++;
    if (!content) return;
    if (content.names > 1) {
      if (linked.has(content)) return;
      linked.add(content);
    }
    const { size, digest } = content.item;
    reachable += size;
    if (within) leave(within, content);
    if (item?.type !== 'file' || size === 0) return;
    const { layer } = content;
    const mode = item.mode.toString(8).padStart(4, '0');
    largest.add({ path, type: 'file', mode, bytes: size, layer });
    if (digest !== '') match(content, path);
  }

  function leave({ kind, name, remedy }: Leftover, { layer, item }: Content): void {
    const key = `${layer} ${name}`;
    const known = leftovers.get(key) ?? { kind, name, remedy, layer, files: 0, bytes: 0 };
    known.files++;
    known.bytes += item.size;
    leftovers.set(key, known);
  }

  function match(content: Content, path: string): void {
    const { digest, size } = content.item;
    const known = byDigest.get(digest);
    if (!known) byDigest.set(digest, content);
    else if ('places' in known) known.places.push({ path, layer: content.layer });
    else {
      const first = { path: known.item.path, layer: known.layer };
      byDigest.set(digest, { size, places: [first, { path, layer: content.layer }] });
    }
  }

  visit(root, '', undefined);
  return {
    ...{ files, reachable, setuid: setuid.list(), worldWritable: worldWritable.list() },
    largest: largest.list().items,
    leftovers: [...leftovers.values()].filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes),
    ...duplicatesIn(byDigest, top),
  };
}

function duplicatesIn(
  byDigest: ReadonlyMap<string, Content | Copies>,
  top: number,
): Pick<FoundFiles, 'duplicates' | 'duplicateBytes' | 'duplicatesByLayer'> {
  const list = createTopList<DuplicateReport>(
    top,
    (one, other) => one.wasted > other.wasted || (one.wasted === other.wasted && one.digest < other.digest),
  );
  const duplicatesByLayer = new Map<number, number>();
  let duplicateBytes = 0;
  for (const [hex, copies] of byDigest) {
    if (!('places' in copies)) continue;
    const { size, places } = copies;
    // The lowest is the one that is needed.
    places.sort((a, b) => a.layer - b.layer || (a.path < b.path ? -1 : 1));
    const wasted = size * (places.length - 1);
    duplicateBytes += wasted;
    for (const { layer } of places.slice(1))
      duplicatesByLayer.set(layer, (duplicatesByLayer.get(layer) ?? 0) + size);
    const digest = `sha256:${hex}` as Digest;
    list.add({ digest, size, wasted, copies: places.length, places: places.slice(0, mostPlaces) });
  }
  return { duplicates: list.list(), duplicateBytes, duplicatesByLayer };
}
