// What an expression comes to, given its variables and functions.

import { type Place, SlipwayError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { costOf, type Spend, withinMemory } from './budget.ts';
import type { BinaryOperator, Expression, ForExpression } from './syntax.ts';
import {
  at,
  isEqual,
  kindOf,
  sortedEntries,
  toFlag,
  toList,
  toNumber,
  toText,
  type Value,
  valueError,
} from './value.ts';

export interface Scope {
  /** Undefined: there is none. */
  variable(name: string): Value | undefined;
  /** Names for "did you mean". */
  names(): string[];
  /** What `target.NAME.ATTRIBUTE` is; undefined: blocks of that type are not to be asked. */
  block?(type: string, name: string, attribute: string): Value | undefined;
  /** @throws ERR_EXPANSION for functions that are not there. */
  call(name: string, args: Value[]): Value;
  spend: Spend;
}

/** @throws ERR_EXPANSION with the place of the innermost expression that fails */
export function evaluate(expression: Expression, scope: Scope): Value {
  return at(expression.place, () => {
    scope.spend(1);
    return evaluateHere(expression, scope);
  });
}

function evaluateHere(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'template':
      return template(expression.parts, scope);
    case 'tuple':
      return expression.items.map((item) => evaluate(item, scope));
    case 'object':
      return new Map(
        expression.items.map(({ key, value }) => [
          at(key.place, () => toText(evaluate(key, scope), 'a key')),
          evaluate(value, scope),
        ]),
      );
    case 'variable':
      return variable(expression.name, scope);
    case 'item':
      return variable(itemName, scope);
    case 'attribute':
      return blockAttribute(expression, scope) ?? member(evaluate(expression.of, scope), expression.name);
    case 'index':
      return member(evaluate(expression.of, scope), evaluate(expression.key, scope));
    case 'splat':
      return splat(expression, scope);
    case 'call':
      return call(expression, scope);
    case 'unary': {
      const operand = evaluate(expression.operand, scope);
      return expression.operator === '!' ? !toFlag(operand) : -toNumber(operand);
    }
    case 'binary':
      return binary(expression.operator, evaluate(expression.left, scope), () =>
        evaluate(expression.right, scope),
      );
    case 'conditional':
      return evaluate(toFlag(evaluate(expression.test, scope)) ? expression.yes : expression.no, scope);
    case 'for':
      return forAll(expression, scope);
  }
}

/** No identifier: nothing in a file can mean it. */
const itemName = '*';

export function withVariables(scope: Scope, own: ReadonlyMap<string, Value>): Scope {
  return {
    ...scope,
    variable: (name) => (own.has(name) ? own.get(name) : scope.variable(name)),
    names: () => [...own.keys(), ...scope.names()],
  };
}

function variable(name: string, scope: Scope): Value {
  const value = scope.variable(name);
  if (value !== undefined) return value;
  const near = nearest(name, scope.names());
  throw valueError(
    `there is no variable ${JSON.stringify(name)}`,
    near === undefined
      ? `declare it: variable "${name}" { default = "" }; text stands in quotes`
      : `did you mean ${near}?`,
  );
}

function blockAttribute(expression: Expression & { kind: 'attribute' }, scope: Scope): Value | undefined {
  const { of } = expression;
  if (of.kind !== 'attribute' || of.of.kind !== 'variable') return undefined;
  return scope.block?.(of.of.name, of.name, expression.name);
}

function template(parts: readonly Expression[], scope: Scope): Value {
  const [only] = parts;
  if (parts.length === 1 && only) return evaluate(only, scope);
  let text = '';
  for (const part of parts) {
    const next = at(part.place, () => toText(evaluate(part, scope), 'text'));
    scope.spend(next.length >> 4);
    text += next;
  }
  return text;
}

function member(of: Value, key: Value): Value {
  if (Array.isArray(of)) {
    const index = toNumber(key);
    const item = of[index];
    if (item === undefined) throw valueError(`there is no item ${index}: the list has ${of.length}`);
    return item;
  }
  if (!(of instanceof Map))
    throw valueError(`${kindOf(of)} has no ${typeof key === 'string' ? `attribute ${key}` : 'items'}`);
  const name = toText(key, 'a key');
  const value = of.get(name);
  if (value !== undefined) return value;
  const near = nearest(name, [...of.keys()]);
  throw valueError(
    `the object has no ${JSON.stringify(name)}`,
    near === undefined ? `it has ${[...of.keys()].join(', ') || 'nothing'}` : `did you mean ${near}?`,
  );
}

function splat({ of, each }: Expression & { kind: 'splat' }, scope: Scope): Value {
  const value = evaluate(of, scope);
  const items = Array.isArray(value) ? value : value === null ? [] : [value];
  return items.map((item) => evaluate(each, withVariables(scope, new Map([[itemName, item]]))));
}

function call({ name, args, spread, place }: Expression & { kind: 'call' }, scope: Scope): Value {
  if (name === 'try' || name === 'can') return attempt(name, args, scope);
  const values = args.map((arg) => evaluate(arg, scope));
  const all = spread ? [...values.slice(0, -1), ...toList(values.at(-1) ?? null)] : values;
  return at(place, () => {
    const made = withinMemory(() => scope.call(name, all));
    scope.spend(costOf(made));
    return made;
  });
}

/** The first argument that has a value, or whether there is one. */
function attempt(name: 'try' | 'can', args: readonly Expression[], scope: Scope): Value {
  let failure: unknown = valueError(`${name} takes at least one argument`);
  for (const arg of args) {
    try {
      const value = evaluate(arg, scope);
      return name === 'can' ? true : value;
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      failure = error;
    }
  }
  if (name === 'can' && args.length > 0) return false;
  throw failure;
}

function binary(operator: BinaryOperator, left: Value, right: () => Value): Value {
  switch (operator) {
    // Both sides are evaluated, as in HCL.
    case '&&': {
      const other = toFlag(right());
      return toFlag(left) && other;
    }
    case '||': {
      const other = toFlag(right());
      return toFlag(left) || other;
    }
    case '==':
      return isEqual(left, right());
    case '!=':
      return !isEqual(left, right());
    default:
      return arithmetic(operator, toNumber(left), toNumber(right()));
  }
}

function arithmetic(
  operator: Exclude<BinaryOperator, '&&' | '||' | '==' | '!='>,
  a: number,
  b: number,
): Value {
  if ((operator === '/' || operator === '%') && b === 0) throw valueError('division by zero');
  const table: Record<typeof operator, () => Value> = {
    '<': () => a < b,
    '<=': () => a <= b,
    '>': () => a > b,
    '>=': () => a >= b,
    '+': () => finite(a + b),
    '-': () => finite(a - b),
    '*': () => finite(a * b),
    '/': () => finite(a / b),
    '%': () => a % b,
  };
  return table[operator]();
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw valueError('the number is too large');
}

/** The lists of groups are their map's own. */
function group(map: Map<string, Value>, name: string, made: Value): void {
  const known = map.get(name);
  if (Array.isArray(known)) known.push(made);
  else map.set(name, [made]);
}

function forAll(expression: ForExpression & { place: Place }, scope: Scope): Value {
  const { keyName, valueName, condition } = expression;
  const collection = evaluate(expression.of, scope);
  const pairs: [Value, Value][] = Array.isArray(collection)
    ? collection.map((item, index) => [index, item])
    : collection instanceof Map
      ? sortedEntries(collection)
      : (() => {
          throw valueError(`for needs a list or an object, and this is ${kindOf(collection)}`);
        })();
  const list: Value[] = [];
  const map = new Map<string, Value>();
  for (const [key, value] of pairs) {
    const own = new Map([[valueName, value]]);
    if (keyName !== undefined) own.set(keyName, key);
    const inner = withVariables(scope, own);
    if (condition && !toFlag(evaluate(condition, inner))) continue;
    const made = evaluate(expression.value, inner);
    if (!expression.key) {
      list.push(made);
      continue;
    }
    const name = toText(evaluate(expression.key, inner), 'a key');
    if (expression.grouped) group(map, name, made);
    else if (map.has(name))
      throw valueError(
        `two items have the key ${JSON.stringify(name)}`,
        'write ... behind the value to group them',
      );
    else map.set(name, made);
  }
  if (expression.key) return map;
  if (!expression.text) return list;
  const texts = list.map((one) => toText(one));
  scope.spend(texts.reduce((sum, text) => sum + (text.length >> 4), 0));
  return texts.join('');
}
