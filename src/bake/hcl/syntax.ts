// The shape of HCL: bodies of attributes and blocks, and expressions, each with its place.
import type { Place } from '../../errors.ts';

export type UnaryOperator = '-' | '!';
export type BinaryOperator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

export type Expression = { place: Place } & (
  | { kind: 'literal'; value: null | boolean | number | string }
  /** Text with holes. A single hole alone is its value, whatever its type. */
  | { kind: 'template'; parts: Expression[] }
  | { kind: 'tuple'; items: Expression[] }
  | { kind: 'object'; items: { key: Expression; value: Expression }[] }
  | { kind: 'variable'; name: string }
  | { kind: 'attribute'; of: Expression; name: string }
  | { kind: 'index'; of: Expression; key: Expression }
  /** `list[*].name`: `each` is evaluated with `item` for every item. */
  | { kind: 'splat'; of: Expression; each: Expression }
  /** The item of the splat around it. */
  | { kind: 'item' }
  /** `spread`: the last argument is a list of arguments. */
  | { kind: 'call'; name: string; args: Expression[]; spread: boolean }
  | { kind: 'unary'; operator: UnaryOperator; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'conditional'; test: Expression; yes: Expression; no: Expression }
  | ForExpression
);

/** `[for k, v in of : value if condition]`, with `key` an object; `text`: the values make one text. */
export interface ForExpression {
  kind: 'for';
  keyName: string | undefined;
  valueName: string;
  of: Expression;
  key: Expression | undefined;
  value: Expression;
  condition: Expression | undefined;
  /** `...`: values of one key become a list. */
  grouped: boolean;
  text: boolean;
}

export interface Attribute {
  name: string;
  value: Expression;
  place: Place;
}

export interface Block {
  type: string;
  labels: { text: string; place: Place }[];
  body: Body;
  place: Place;
}

export interface Body {
  attributes: Attribute[];
  blocks: Block[];
}
