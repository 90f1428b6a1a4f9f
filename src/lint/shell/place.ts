// Nodes of a script's tree with what they stand in, by type: what rules of shell code look at.
import { type CommandExpansionPart, forEachChild, type Script, type SyntaxNode } from 'unbash';

export type NodeOf<T extends SyntaxNode['type']> = Extract<SyntaxNode, { type: T }>;

export interface Place<N extends SyntaxNode = SyntaxNode> {
  node: N;
  parent: Place | undefined;
  code: PlacedText;
}

/** Offsets in a script's text, `to` exclusive. */
export interface Span {
  from: number;
  to: number;
}

/** The text that offsets of a node count in: the script's, or that of nested backquotes, which is one of its own. */
export interface PlacedText {
  text: string;
  /** Where its characters `from` up to `to` stand in the script's text. */
  span(from: number, to: number): Span;
  /** It is the script's own, so that edits can be made. */
  isWhole: boolean;
}

export type Places = <T extends SyntaxNode['type']>(type: T) => readonly Place<NodeOf<T>>[];

/** Nothing in it means anything to the shell. */
const plain = /^[\w./:=@%+,-]*$/;
const none: readonly Place[] = [];

/** The nodes of a script in the order of the text; words in which nothing is special are not among them. */
export function placesOf(root: Script, text: string): Places {
  const lists = new Map<string, Place[]>();
  // What the node that is visited stands in: kept here, so that no node needs a function of its own.
  let parent: Place | undefined;
  let code: PlacedText = { text, span: (from, to) => ({ from, to }), isWhole: true };
  function visitChild(child: SyntaxNode): void {
    if (child.type !== 'Word' || !plain.test(child.text)) visit(child);
  }
  function visit(node: SyntaxNode): void {
    const place = { node, parent, code };
    const list = lists.get(node.type);
    if (list === undefined) lists.set(node.type, [place]);
    else list.push(place);
    parent = place;
    if (node.type === 'CommandExpansion' && node.script?.source !== undefined)
      code = insideBackquotes(node, node.script.source, code);
    forEachChild(node, visitChild);
    ({ parent, code } = place);
  }
  visit(root);
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
  const whole = code.span(node.pos, node.end);
  const span = (from: number, to: number): Span =>
    found === text ? code.span(offsets[from]!, to > from ? offsets[to - 1]! + 1 : offsets[to]!) : whole;
  return { text, span, isWhole: false };
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
