// From a template's text to its tree: blocks, pipelines, operands. What Go has and this has not is named in the error.
import { type Node, type Operand, type Pipe, templateError } from './syntax.ts';
import { type Piece, splitTemplate, type Token } from './tokens.ts';

const longest = 1 << 16;
const deepest = 64;

const blocks = ['if', 'with', 'range'] as const;
const constants: Record<string, boolean | null> = { true: true, false: false, nil: null };

/** @param isFunction whether a name is a function's. @throws ERR_USAGE */
export function parseTemplate(source: string, isFunction: (name: string) => boolean): Node[] {
  if (source.length > longest) throw templateError(`a template of ${source.length} characters is not read`);
  const reader: Reader = { pieces: splitTemplate(source), at: 0, loops: 0, isFunction };
  const { nodes, end } = parseNodes(reader, 0);
  if (end !== 'eof') throw templateError(`unexpected {{${end}}}`, 'it has no if, with or range before it');
  return nodes;
}

interface Reader {
  pieces: Piece[];
  at: number;
  /** Ranges around what is read. */
  loops: number;
  isFunction(name: string): boolean;
}

interface Parsed {
  nodes: Node[];
  end: 'eof' | 'end' | 'else';
  /** What follows the `else`: `if .X`, or nothing. */
  rest: Token[];
}

function parseNodes(reader: Reader, depth: number): Parsed {
  if (depth > deepest) throw templateError('blocks are nested too deep');
  const nodes: Node[] = [];
  for (;;) {
    const piece = reader.pieces[reader.at++];
    if (!piece) return { nodes, end: 'eof', rest: [] };
    if (piece.kind === 'text') {
      nodes.push(piece);
      continue;
    }
    const [first, ...rest] = piece.tokens;
    if (!first) throw templateError('an action is empty: {{}}');
    const word = first.kind === 'word' ? first.name : '';
    if (word === 'end' || word === 'else') return { nodes, end: word, rest };
    if (isBlock(word)) nodes.push(parseBlock(reader, word, { tokens: rest, depth }));
    else if (word === 'break' || word === 'continue') nodes.push(jump(reader, word));
    else if (['define', 'template', 'block'].includes(word))
      throw templateError(`{{${word}}} is not supported`, 'write what it stands for in its place');
    else nodes.push({ kind: 'output', pipe: parseWhole(piece.tokens, reader) });
  }
}

function isBlock(word: string): word is (typeof blocks)[number] {
  return (blocks as readonly string[]).includes(word);
}

function jump(reader: Reader, kind: 'break' | 'continue'): Node {
  if (reader.loops === 0) throw templateError(`{{${kind}}} stands outside of a range`);
  return { kind };
}

function parseBlock(
  reader: Reader,
  kind: (typeof blocks)[number],
  { tokens, depth }: { tokens: Token[]; depth: number },
): Node {
  const pipe = parseWhole(tokens, reader, kind === 'range' ? 2 : 1);
  reader.loops += kind === 'range' ? 1 : 0;
  const { nodes: body, end, rest } = parseNodes(reader, depth + 1);
  reader.loops -= kind === 'range' ? 1 : 0;
  if (end === 'eof') throw templateError(`{{${kind}}} has no {{end}}`);
  if (end === 'end') return { kind, pipe, body, otherwise: [] };
  const [first, ...more] = rest;
  if (first?.kind === 'word' && isBlock(first.name) && first.name !== 'range') {
    const inner = parseBlock(reader, first.name, { tokens: more, depth: depth + 1 });
    return { kind, pipe, body, otherwise: [inner] };
  }
  if (first) throw templateError('unexpected words after {{else');
  const other = parseNodes(reader, depth + 1);
  if (other.end !== 'end') throw templateError(`{{${kind}}} has no {{end}}`);
  return { kind, pipe, body, otherwise: other.nodes };
}

interface Tokens {
  list: Token[];
  at: number;
  depth: number;
  isFunction(name: string): boolean;
}

function parseWhole(list: Token[], { isFunction }: Reader, most = 1): Pipe {
  const tokens: Tokens = { list, at: 0, depth: 0, isFunction };
  const declared = declaration(tokens, most);
  const pipe = parsePipe(tokens);
  if (tokens.at < list.length) throw templateError(`unexpected ${shown(list[tokens.at]!)}`);
  return { ...pipe, ...declared };
}

/** `$x :=`, `$x =`, `$i, $x :=`. */
function declaration(tokens: Tokens, most: number): Pick<Pipe, 'names' | 'assigns'> {
  const names: string[] = [];
  for (let at = 0; ; at += 2) {
    const [name, sign] = tokens.list.slice(at);
    if (name?.kind !== 'variable' || sign?.kind !== 'sign') return { names: [], assigns: false };
    names.push(name.name);
    if (sign.sign === ',') continue;
    if (sign.sign !== ':=' && sign.sign !== '=') return { names: [], assigns: false };
    if (names.length > most || names.includes('')) throw templateError('a declaration has too many names');
    tokens.at = at + 2;
    return { names, assigns: sign.sign === '=' };
  }
}

function parsePipe(tokens: Tokens): Pipe {
  const commands: Operand[][] = [];
  for (;;) {
    const command: Operand[] = [];
    for (let operand = parseOperand(tokens); operand; operand = parseOperand(tokens)) command.push(operand);
    const [first, ...others] = command;
    if (!first) throw templateError('a value is missing');
    if (first.kind === 'literal' && first.value === null)
      throw templateError('nil is no value to begin with');
    const takes = first.kind === 'function';
    if (others.length > 0 && !takes) throw templateError('only functions take arguments', knownHint);
    if (commands.length > 0 && !takes)
      throw templateError('a value is piped into what is no function', knownHint);
    commands.push(command);
    if (!takeSign(tokens, '|')) return { names: [], assigns: false, commands };
  }
}

const knownHint = 'as in {{json .}}, {{.Size | lower}}, {{join .Names ", "}}';

function takeSign(tokens: Tokens, sign: string): boolean {
  const token = tokens.list[tokens.at];
  if (token?.kind !== 'sign' || token.sign !== sign) return false;
  tokens.at++;
  return true;
}

function parseOperand(tokens: Tokens): Operand | undefined {
  const token = tokens.list[tokens.at];
  if (!token || (token.kind === 'sign' && token.sign !== '(' && token.sign !== '.')) return undefined;
  tokens.at++;
  switch (token.kind) {
    case 'string':
    case 'number':
      return { kind: 'literal', value: token.value };
    case 'variable':
      return withFields(tokens, { kind: 'variable', name: token.name });
    case 'field':
      return withFields(tokens, { kind: 'dot' }, [token.name]);
    case 'word':
      return wordOperand(token.name, tokens);
    case 'sign':
      return token.sign === '.' ? { kind: 'dot' } : withFields(tokens, parenthesis(tokens));
  }
}

function wordOperand(name: string, tokens: Tokens): Operand {
  if (Object.hasOwn(constants, name)) return { kind: 'literal', value: constants[name]! };
  if (tokens.isFunction(name)) return { kind: 'function', name };
  throw templateError(`there is no function ${name}`, `fields begin with a dot: {{.${name}}}`);
}

function parenthesis(tokens: Tokens): Operand {
  if (++tokens.depth > deepest) throw templateError('parentheses are nested too deep');
  const pipe = parsePipe(tokens);
  if (!takeSign(tokens, ')')) throw templateError('a parenthesis is not closed');
  tokens.depth--;
  return { kind: 'pipe', pipe };
}

function withFields(tokens: Tokens, of: Operand, names: string[] = []): Operand {
  for (
    let next = tokens.list[tokens.at];
    next?.kind === 'field' && next.joined;
    next = tokens.list[tokens.at]
  ) {
    names.push(next.name);
    tokens.at++;
  }
  return names.length > 0 ? { kind: 'fields', of, names } : of;
}

function shown(token: Token): string {
  if (token.kind === 'sign') return JSON.stringify(token.sign);
  return token.kind === 'string' || token.kind === 'number' ? JSON.stringify(token.value) : token.name;
}
