// YAML as a tree with places.
import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Place } from '../../errors.ts';
import { openYaml } from '../../yaml/open-yaml.ts';

export interface YamlTree {
  place: Place;
  /** Keys of maps have places of their own. */
  value: null | boolean | number | string | YamlTree[] | Map<string, { key: Place; node: YamlTree }>;
}

const limits = { nodes: 20_000, depth: 50 };

/** @throws ERR_SYNTAX with its place */
export function readYamlTree(text: string, file: string): YamlTree {
  const { content, target, place: placeOf, enter } = openYaml(text, file, { limits });

  function read(node: Node | null, outer: Place, depth: number): YamlTree {
    const place = enter(node, outer, depth);
    if (isAlias(node)) return read(target(node), place, depth + 1);
    if (isSeq(node)) return { place, value: node.items.map((item) => read(item as Node, place, depth + 1)) };
    if (isMap(node)) {
      const map = new Map<string, { key: Place; node: YamlTree }>();
      for (const { key, value } of node.items as { key: Node; value: Node | null }[]) {
        const name = isScalar(key) ? String(key.value) : '';
        const own = key.range ? placeOf(key.range[0], key.range[1]) : place;
        map.set(name, { key: own, node: read(value, own, depth + 1) });
      }
      return { place, value: map };
    }
    const value = isScalar(node) ? node.value : null;
    const isPlain = value === null || ['string', 'boolean', 'number'].includes(typeof value);
    return { place, value: isPlain ? (value as YamlTree['value']) : String(value) };
  }

  return read(content, placeOf(0, 1), 0);
}
