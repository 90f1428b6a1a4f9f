// Values of expressions, and what turns one kind into another.
import { type Place, SlipwayError } from '../../errors.ts';

/** Objects and maps are both Maps: names like `__proto__` are names like any other. */
export type Value = null | boolean | number | string | Value[] | Map<string, Value>;

/** What an error about a value says: thrown without a place, which the expression around it adds. */
export function valueError(message: string, hint?: string): SlipwayError {
  return new SlipwayError('ERR_EXPANSION', message, { hint });
}

export function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'an object';
  return { boolean: 'a bool', number: 'a number', string: 'a string' }[
    typeof value as 'boolean' | 'number' | 'string'
  ];
}

/** Decimal, without an exponent. */
function numberText(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}

/** @throws ERR_EXPANSION for null, lists and objects */
export function toText(value: Value, what = 'a string'): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  throw valueError(`${what} is wanted, and this is ${kindOf(value)}`);
}

/** @throws ERR_EXPANSION */
export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    const number = Number(value);
    if (Number.isFinite(number)) return number;
  }
  throw valueError(
    `a number is wanted, and this is ${typeof value === 'string' ? JSON.stringify(value) : kindOf(value)}`,
  );
}

/** @throws ERR_EXPANSION */
export function toFlag(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === '1' || value === 1) return true;
  if (value === 'false' || value === '0' || value === 0) return false;
  throw valueError(
    `true or false is wanted, and this is ${typeof value === 'string' ? JSON.stringify(value) : kindOf(value)}`,
  );
}

/** @throws ERR_EXPANSION */
export function toList(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  throw valueError(`a list is wanted, and this is ${kindOf(value)}`);
}

/** @throws ERR_EXPANSION */
export function toMap(value: Value): Map<string, Value> {
  if (value instanceof Map) return value;
  throw valueError(`an object is wanted, and this is ${kindOf(value)}`);
}

const byName = ([a]: [string, Value], [b]: [string, Value]): number => (a < b ? -1 : a > b ? 1 : 0);

/** In the order of their names, as HCL walks objects. */
export function sortedEntries(map: Map<string, Value>): [string, Value][] {
  return [...map].sort(byName);
}

/** Equal kinds and equal content. */
export function isEqual(a: Value, b: Value): boolean {
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => isEqual(one, b[i]!));
  if (a instanceof Map) {
    return (
      b instanceof Map &&
      a.size === b.size &&
      [...a].every(([key, one]) => b.has(key) && isEqual(one, b.get(key)!))
    );
  }
  return a === b;
}

/** As JSON, objects in the order of their names. */
export function toJsonText(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(toJsonText).join(',')}]`;
  if (value instanceof Map)
    return `{${sortedEntries(value)
      .map(([key, one]) => `${JSON.stringify(key)}:${toJsonText(one)}`)
      .join(',')}}`;
  return typeof value === 'number' ? numberText(value) : JSON.stringify(value);
}

/** From what JSON.parse gives. */
export function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object' && json !== null)
    return new Map(Object.entries(json).map(([key, value]) => [key, fromJson(value)]));
  return json as null | boolean | number | string;
}

/** Adds the place to an error of a value that has none. */
export function at<T>(place: Place, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SlipwayError) error.place ??= place;
    throw error;
  }
}
