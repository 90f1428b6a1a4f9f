// Nodes of a script's tree with what they stand in, by type: what rules of shell code look at.
import { type CommandExpansionPart, forEachChild, type SyntaxNode } from 'unbash';
import type { Locate } from './script-source.ts';
import type { ShellScript } from './shell-script.ts';

export type NodeOf<T extends SyntaxNode['type']> = Extract<SyntaxNode, { type: T }>;

export interface Place<N extends SyntaxNode = SyntaxNode> {
  node: N;
  parent: Place | undefined;
  code: PlacedText;
}

/** The text that offsets of a node count in: the script's, or that of nested backquotes, which is one of its own. */
export interface PlacedText {
  text: string;
  locate: Locate;
  /** Ranges are those of single characters of the file, so that edits can be made. */
  isExact: boolean;
}

export type Places = <T extends SyntaxNode['type']>(type: T) => readonly Place<NodeOf<T>>[];

/** Nothing in it means anything to the shell. */
const plain = /^[\w./:=@%+,-]*$/;
const none: readonly Place[] = [];

/** The nodes of a script in the order of the text; words in which nothing is special are not among them. */
export function placesOf({ root, source, errors }: ShellScript): Places {
  const lists = new Map<string, Place[]>();
  function visit(node: SyntaxNode, parent: Place | undefined, code: PlacedText): void {
    const place = { node, parent, code };
    const list = lists.get(node.type);
    if (list === undefined) lists.set(node.type, [place]);
    else list.push(place);
    let inner = code;
    if (node.type === 'CommandExpansion' && node.script?.source !== undefined) {
      inner = insideBackquotes(node, node.script.source, code);
    }
    forEachChild(node, (child) => {
      if (child.type !== 'Word' || !plain.test(child.text)) visit(child, place, inner);
    });
  }
  if (errors.length === 0)
    visit(root, undefined, { text: source.text, locate: source.locate, isExact: source.form !== 'exec' });
  return <T extends SyntaxNode['type']>(type: T) => (lists.get(type) ?? none) as readonly Place<NodeOf<T>>[];
}

/** Backslashes that quote for the outer of two scripts are not in the text of the inner one. */
function insideBackquotes(node: CommandExpansionPart, text: string, code: PlacedText): PlacedText {
  const offsets: number[] = [];
  let found = '';
  for (let at = node.pos + 1; at < node.end - 1; at++) {
    if (code.text[at] === '\\' && /[\\`$]/.test(code.text[at + 1] ?? '')) at++;
    offsets.push(at);
    found += code.text[at];
  }
  offsets.push(node.end - 1);
  const whole = code.locate(node.pos, node.end);
  const locate: Locate = (from, to) =>
    found === text ? code.locate(offsets[from]!, to > from ? offsets[to - 1]! + 1 : offsets[to]!) : whole;
  return { text, locate, isExact: false };
}

/** What a node stands in, from the inside out. */
export function* ancestors({ parent }: Place): Generator<Place> {
  for (let one = parent; one !== undefined; one = one.parent) yield one;
}

export function isOf<T extends SyntaxNode['type']>(
  place: Place | undefined,
  ...types: readonly T[]
): place is Place<NodeOf<T>> {
  return place !== undefined && (types as readonly string[]).includes(place.node.type);
}

/** The nearest of a type that a node stands in. */
export function enclosing<T extends SyntaxNode['type']>(place: Place, type: T): Place<NodeOf<T>> | undefined {
  for (const one of ancestors(place)) if (isOf(one, type)) return one;
  return undefined;
}
