// YAML as a tree with places, its variables filled in.
import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { type Place, SlipwayError } from '../../errors.ts';
import { openYaml } from '../../yaml/open-yaml.ts';

export interface YamlNode {
  place: Place;
  value: null | boolean | number | string | YamlNode[] | Map<string, YamlNode>;
}

const limits = { nodes: 100_000, depth: 100 };

/** @param fill replaces the variables of a text. @throws ERR_SYNTAX, ERR_EXPANSION, each with its place */
export function readYaml(text: string, file: string, fill: (text: string) => string): YamlNode {
  const { content, target, place, enter } = openYaml(text, file, { merge: true, limits });

  function read(node: Node | null, outer: Place, depth: number): YamlNode {
    const here = enter(node, outer, depth);
    if (isAlias(node)) return read(target(node), here, depth + 1);
    if (isMap(node))
      return { place: here, value: readMap(node.items as { key: Node; value: Node | null }[], here, depth) };
    if (isSeq(node))
      return { place: here, value: node.items.map((item) => read(item as Node, here, depth + 1)) };
    if (!isScalar(node)) return { place: here, value: null };
    const { value } = node;
    if (typeof value === 'string')
      return { place: here, value: value.includes('$') ? filled(value, here) : value };
    return {
      place: here,
      value:
        typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value),
    };
  }

  function readMap(
    items: readonly { key: Node; value: Node | null }[],
    outer: Place,
    depth: number,
  ): Map<string, YamlNode> {
    const map = new Map<string, YamlNode>();
    for (const { key, value } of items) {
      const name = !isScalar(key) ? '' : typeof key.value === 'symbol' ? '<<' : String(key.value);
      const inner = read(value, key.range ? place(key.range[0], key.range[1]) : outer, depth + 1);
      if (name !== '<<') {
        map.set(name, inner);
        continue;
      }
      // Merged keys give way to those that are written.
      for (const one of Array.isArray(inner.value) ? inner.value : [inner])
        if (one.value instanceof Map)
          for (const [merged, node] of one.value) if (!map.has(merged)) map.set(merged, node);
    }
    return map;
  }

  function filled(text: string, here: Place): string {
    try {
      return fill(text);
    } catch (error) {
      if (error instanceof SlipwayError) error.place ??= here;
      throw error;
    }
  }

  return read(content, place(0, 1), 0);
}
