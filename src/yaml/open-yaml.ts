// YAML that anyone may have written, parsed and bounded: nodes with their places. What a node becomes is its reader's.
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type SchemaOptions,
} from 'yaml';
import { type Place, SlipwayError } from '../errors.ts';

export interface OpenYaml {
  content: Node | null;
  /** What an alias stands for. */
  target(alias: Alias): Node | null;
  /** Of offsets in the text; at least a character. */
  place(from: number, to: number): Place;
  /** The place of a node that is read now, at a depth. Aliases that refer to aliases could make a small file endless. @throws ERR_SYNTAX beyond a limit */
  enter(node: Node | null, outer: Place, depth: number): Place;
}

export interface YamlLimits {
  /** Nodes, counted once for each alias. */
  nodes: number;
  /** Levels. */
  depth: number;
}

const tooMuch = 'the YAML is too large or nests too deep';

/** @throws ERR_SYNTAX with its place */
export function openYaml(
  text: string,
  file: string,
  { limits, ...schema }: { limits: YamlLimits } & Pick<SchemaOptions, 'merge'>,
): OpenYaml {
  const lineCounter = new LineCounter();
  const document = parse(text, file, {
    ...schema,
    lineCounter,
    prettyErrors: false,
    logLevel: 'silent',
    // The parser compares each key with each: 25,000 of them take it seconds. `walk` looks each up.
    uniqueKeys: false,
  });
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const place = (from: number, to: number): Place => ({
    file,
    range: { start: at(from), end: at(Math.max(from + 1, to)) },
  });
  const [problem] = document.errors;
  if (problem) {
    throw new SlipwayError('ERR_SYNTAX', `the YAML is not valid: ${problem.message}`, {
      place: place(problem.pos[0], problem.pos[1]),
    });
  }
  const content = document.contents as Node | null;
  const { repeated, targets } = walk(content);
  if (repeated) {
    throw new SlipwayError('ERR_SYNTAX', 'the YAML is not valid: Map keys must be unique', {
      place: place(repeated.from, repeated.to),
    });
  }
  let count = 0;
  return {
    content,
    target: (alias) => targets.get(alias) ?? null,
    place,
    enter(node, outer, depth) {
      const here = node?.range ? place(node.range[0], node.range[1]) : outer;
      if (++count > limits.nodes || depth > limits.depth)
        throw new SlipwayError('ERR_SYNTAX', tooMuch, { place: here });
      return here;
    },
  };
}

interface Walked {
  /** The first key, in the order of the text, that its map has already (YAML 1.2.2, section 3.2.1.3). Merge keys are symbols, each its own. */
  repeated: { from: number; to: number } | undefined;
  /** What each alias stands for: the last node before it that has its anchor (section 7.1). */
  targets: Map<Alias, Node>;
}

/** All nodes once, without calling itself. The parser's own `resolve` walks the whole document for each alias. */
function walk(content: Node | null): Walked {
  let repeated: Walked['repeated'];
  const targets: Walked['targets'] = new Map();
  const anchors = new Map<string, Node>();
  const waiting: unknown[] = [content];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isPair(node)) waiting.push(node.value, node.key);
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target) targets.set(node, target);
    }
    if ((isCollection(node) || isScalar(node)) && node.anchor) anchors.set(node.anchor, node);
    if (!isCollection(node)) continue;
    for (let n = node.items.length - 1; n >= 0; n--) waiting.push(node.items[n]);
    if (!isMap(node)) continue;
    const seen = new Set<unknown>();
    for (const { key } of node.items) {
      if (!isScalar(key) || !key.range) continue;
      const [from, to] = key.range;
      if (seen.has(key.value) && (!repeated || from < repeated.from)) repeated = { from, to };
      seen.add(key.value);
    }
  }
  return { repeated, targets };
}

/** The parser calls itself for each level: some thousands are more than a stack holds. */
function parse(text: string, file: string, options: Parameters<typeof parseDocument>[1]): Document.Parsed {
  try {
    return parseDocument(text, options) as Document.Parsed;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const place = { file, range: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } } };
    const hint = 'some thousands of levels are more than is read';
    throw new SlipwayError('ERR_SYNTAX', tooMuch, { place, cause, hint });
  }
}
