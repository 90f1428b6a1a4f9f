// YAML as a tree with places.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Place, SlipwayError } from '../../errors.ts';

export interface YamlTree {
  place: Place;
  /** Keys of maps have places of their own. */
  value: null | boolean | number | string | YamlTree[] | Map<string, { key: Place; node: YamlTree }>;
}

/** The parser calls itself for each level: some thousands are more than a stack holds. */
function parse(text: string, options: Parameters<typeof parseDocument>[1], file: string) {
  try {
    return parseDocument(text, options);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const top = { line: 1, column: 1 };
    const place = { file, range: { start: top, end: top } };
    const hint = 'some thousands of levels are more than is read';
    throw new SlipwayError('ERR_SYNTAX', 'the YAML is too large or nests too deep', { place, cause, hint });
  }
}

const mostNodes = 20_000;
const deepest = 50;

/** @throws ERR_SYNTAX with its place */
export function readYamlTree(text: string, file: string): YamlTree {
  const lineCounter = new LineCounter();
  const document = parse(text, { lineCounter, prettyErrors: false, logLevel: 'silent' }, file);
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const placeOf = (from: number, to: number): Place => ({ file, range: { start: at(from), end: at(to) } });
  const [problem] = document.errors;
  if (problem) {
    const [from, to] = problem.pos;
    throw new SlipwayError('ERR_SYNTAX', `the YAML is not valid: ${problem.message}`, {
      place: placeOf(from, Math.max(from + 1, to)),
    });
  }
  let count = 0;

  function read(node: Node | null, outer: Place, depth: number): YamlTree {
    const place = node?.range ? placeOf(node.range[0], node.range[1]) : outer;
    if (++count > mostNodes || depth > deepest)
      throw new SlipwayError('ERR_SYNTAX', 'the YAML is too large or nests too deep', { place });
    if (isAlias(node)) return read(node.resolve(document) ?? null, place, depth + 1);
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

  return read(document.contents as Node | null, placeOf(0, 1), 0);
}
