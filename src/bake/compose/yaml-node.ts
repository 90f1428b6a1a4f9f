// YAML as a tree with places, its variables filled in.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Place, SlipwayError } from '../../errors.ts';

export interface YamlNode {
  place: Place;
  value: null | boolean | number | string | YamlNode[] | Map<string, YamlNode>;
}

/** Aliases that refer to aliases could make a small file endless. */
const mostNodes = 100_000;
const deepest = 100;

/** The parser calls itself for each level: some thousands are more than a stack holds. */
function parse(text: string, options: Parameters<typeof parseDocument>[1], file: string) {
  try {
    return parseDocument(text, options);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const top = { line: 1, column: 1 };
    const place = { file, range: { start: top, end: { line: 1, column: 2 } } };
    const hint = 'some thousands of levels are more than is read';
    throw new SlipwayError('ERR_SYNTAX', 'the YAML is too large or nests too deep', { place, cause, hint });
  }
}

/** @param fill replaces the variables of a text. @throws ERR_SYNTAX, ERR_EXPANSION, each with its place */
export function readYaml(text: string, file: string, fill: (text: string) => string): YamlNode {
  const lines = new LineCounter();
  const options = { merge: true, uniqueKeys: true, prettyErrors: false, logLevel: 'silent' } as const;
  const document = parse(text, { ...options, lineCounter: lines }, file);
  const place = (start: number, end: number): Place => {
    const at = (offset: number) => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    };
    return { file, range: { start: at(start), end: at(Math.max(start + 1, end)) } };
  };
  const [problem] = document.errors;
  if (problem) {
    throw new SlipwayError('ERR_SYNTAX', `the YAML is not valid: ${problem.message}`, {
      place: place(problem.pos[0], problem.pos[1]),
    });
  }
  let count = 0;

  function read(node: Node | null, outer: Place, depth: number): YamlNode {
    const here = node?.range ? place(node.range[0], node.range[1]) : outer;
    if (++count > mostNodes || depth > deepest)
      throw new SlipwayError('ERR_SYNTAX', 'the YAML is too large or nests too deep', { place: here });
    if (isAlias(node)) return read(node.resolve(document) ?? null, here, depth + 1);
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

  return read(
    document.contents as Node | null,
    { file, range: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } } },
    0,
  );
}
