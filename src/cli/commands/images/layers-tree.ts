// A layer's changes as a tree of marked names, with folders below a depth summed up.
import type { PathChange } from '../../../index.ts';
import { humanSize } from './human.ts';

const marks = { added: '+', changed: '~', deleted: '-' } as const;

interface Branch {
  own: PathChange | undefined;
  children: Map<string, Branch>;
}

interface Sums {
  added: number;
  changed: number;
  deleted: number;
  bytes: number;
}

/** Lines without the margin; marks stand in front. @param depth 0: all */
export function layersTree(changes: readonly PathChange[], depth: number): string[] {
  const root: Branch = { own: undefined, children: new Map() };
  for (const change of changes) {
    let at = root;
    for (const name of change.path.split('/')) {
      let next = at.children.get(name);
      if (!next) {
        next = { own: undefined, children: new Map() };
        at.children.set(name, next);
      }
      at = next;
    }
    // Of a path that has two, as a folder that was deleted and a file in its place.
    at.own = at.own ? { ...change, change: 'changed' } : change;
  }
  const lines: string[] = [];

  function show(branch: Branch, level: number): void {
    for (const name of [...branch.children.keys()].sort()) {
      const child = branch.children.get(name)!;
      const { own, children } = child;
      const mark = own ? marks[own.change] : ' ';
      const isFolder = children.size > 0 || own?.type === 'dir';
      const label = `${mark} ${'  '.repeat(level)}${name.replaceAll('\t', '^I')}${isFolder ? '/' : ''}`;
      if (children.size > 0 && depth > 0 && level + 1 >= depth) {
        lines.push(`${label}\t${sumsText(sumUp(child))}`);
        continue;
      }
      lines.push(own && !isFolder && own.type === 'file' ? `${label}\t${humanSize(own.bytes)}` : label);
      show(child, level + 1);
    }
  }

  show(root, 0);
  return lines;
}

function sumUp({ children }: Branch): Sums {
  const sums: Sums = { added: 0, changed: 0, deleted: 0, bytes: 0 };
  for (const child of children.values()) {
    if (child.own && child.own.type !== 'dir') {
      sums[child.own.change]++;
      if (child.own.change !== 'deleted') sums.bytes += child.own.bytes;
    }
    const below = sumUp(child);
    for (const key of ['added', 'changed', 'deleted', 'bytes'] as const) sums[key] += below[key];
  }
  return sums;
}

function sumsText(sums: Sums): string {
  const counts = (['added', 'changed', 'deleted'] as const)
    .filter((kind) => sums[kind] > 0)
    .map((kind) => `${marks[kind]}${sums[kind]}`);
  return `${humanSize(sums.bytes)} (${counts.join(' ') || 'folders alone'})`;
}
