// Types of variables: how they are written, and how a default or an environment variable becomes a value of one.
import { parseCsvFields } from '../dockerfile/csv.ts';
import { SlipwayError } from '../errors.ts';
import type { Expression } from './hcl/syntax.ts';
import { fromJson, toFlag, toList, toMap, toNumber, toText, type Value, valueError } from './hcl/value.ts';

export type VariableType =
  | { kind: 'string' | 'number' | 'bool' | 'any' }
  | { kind: 'list' | 'set' | 'map'; of: VariableType }
  | { kind: 'tuple'; items: VariableType[] }
  | { kind: 'object'; fields: Map<string, { type: VariableType; optional: boolean }> };

function refuse(expression: Expression): SlipwayError {
  return new SlipwayError('ERR_SYNTAX', 'this is no type', {
    place: expression.place,
    hint: 'string, number, bool, any, list(T), set(T), map(T), tuple([T, …]) or object({name = T})',
  });
}

/** @throws ERR_SYNTAX with its place */
export function parseType(expression: Expression): VariableType {
  if (
    expression.kind === 'variable' ||
    (expression.kind === 'literal' && typeof expression.value === 'string')
  ) {
    const name = expression.kind === 'variable' ? expression.name : String(expression.value);
    if (name === 'string' || name === 'number' || name === 'bool' || name === 'any') return { kind: name };
    if (name === 'list' || name === 'set' || name === 'map') return { kind: name, of: { kind: 'any' } };
    throw refuse(expression);
  }
  const [first] = expression.kind === 'call' ? expression.args : [];
  if (expression.kind !== 'call' || !first || expression.args.length > 1) throw refuse(expression);
  switch (expression.name) {
    case 'list':
    case 'set':
    case 'map':
      return { kind: expression.name, of: parseType(first) };
    case 'tuple':
      if (first.kind !== 'tuple') throw refuse(first);
      return { kind: 'tuple', items: first.items.map(parseType) };
    case 'object':
      if (first.kind !== 'object') throw refuse(first);
      return {
        kind: 'object',
        fields: new Map(
          first.items.map(({ key, value }) => [
            String(key.kind === 'literal' ? key.value : ''),
            parseField(value),
          ]),
        ),
      };
    default:
      throw refuse(expression);
  }
}

function parseField(value: Expression): { type: VariableType; optional: boolean } {
  const [inner] = value.kind === 'call' && value.name === 'optional' ? value.args : [];
  return inner ? { type: parseType(inner), optional: true } : { type: parseType(value), optional: false };
}

/** null is a value of every type. @throws ERR_EXPANSION without a place */
export function convertTo(type: VariableType, value: Value): Value {
  if (value === null) return null;
  switch (type.kind) {
    case 'any':
      return value;
    case 'string':
      return toText(value);
    case 'number':
      return toNumber(value);
    case 'bool':
      return toFlag(value);
    case 'list':
      return toList(value).map((one) => convertTo(type.of, one));
    case 'set': {
      const list = toList(value).map((one) => convertTo(type.of, one));
      return list.every((one) => typeof one === 'string') ? [...new Set(list)].sort() : [...new Set(list)];
    }
    case 'map':
      return new Map([...toMap(value)].map(([key, one]) => [key, convertTo(type.of, one)]));
    case 'tuple': {
      const list = toList(value);
      if (list.length !== type.items.length)
        throw valueError(`a tuple of ${type.items.length} is wanted, and this has ${list.length}`);
      return type.items.map((item, index) => convertTo(item, list[index]!));
    }
    case 'object':
      return convertObject(type.fields, toMap(value));
  }
}

function convertObject(
  fields: ReadonlyMap<string, { type: VariableType; optional: boolean }>,
  map: Map<string, Value>,
): Value {
  return new Map(
    [...fields].map(([name, { type, optional }]) => {
      const value = map.get(name);
      if (value === undefined && !optional) throw valueError(`the object lacks ${name}`);
      return [name, value === undefined ? null : convertTo(type, value)];
    }),
  );
}

/** The type that a value is of, as far as a text from the environment must become one like it. */
export function typeOf(value: Value): VariableType {
  if (typeof value === 'number') return { kind: 'number' };
  if (typeof value === 'boolean') return { kind: 'bool' };
  if (Array.isArray(value))
    return value.length > 0 && value.every((one) => typeof one === 'string')
      ? { kind: 'list', of: { kind: 'string' } }
      : { kind: 'list', of: { kind: 'any' } };
  return value instanceof Map ? { kind: 'map', of: { kind: 'any' } } : { kind: 'string' };
}

/** A text from the environment: lists as comma-separated fields, the rest of what is no text as JSON. @throws ERR_EXPANSION */
export function parseValue(type: VariableType, text: string, isJson: boolean): Value {
  if (isJson) return convertTo(type, parseJson(text));
  switch (type.kind) {
    case 'string':
    case 'number':
    case 'bool':
    case 'any':
      return convertTo(type, text);
    case 'list':
    case 'set':
    case 'tuple':
      return convertTo(type, text === '' ? [] : parseCsvFields(text));
    case 'map':
    case 'object':
      throw valueError(
        'an object is wanted, and this is text',
        'set the variable with _JSON behind its name instead',
      );
  }
}

function parseJson(text: string): Value {
  try {
    return fromJson(JSON.parse(text));
  } catch (cause) {
    throw valueError(`the text is no JSON: ${(cause as Error).message}`);
  }
}
