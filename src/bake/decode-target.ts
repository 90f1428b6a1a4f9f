// The body of a target block to a target: every attribute is checked for its kind.
import { suggest } from '../dockerfile/suggest.ts';
import { SlipwayError } from '../errors.ts';
import { type Entry, type EntryAttribute, normalEntry, parseEntry } from './entry.ts';
import { evaluate, type Scope } from './hcl/evaluate.ts';
import type { Attribute, Body } from './hcl/syntax.ts';
import { at, kindOf, toFlag, toList, toText, type Value, valueError } from './hcl/value.ts';
import {
  type AttributeContent,
  type AttributeName,
  attributeNames,
  attributeRules,
  isAttributeName,
  type Target,
} from './target.ts';

const others = ['inherits', 'matrix', 'name'];

/** @throws ERR_SYNTAX for attributes that are not there, ERR_EXPANSION for values that do not fit, each with its place */
export function decodeTarget(name: string, body: Body, scope: Scope): Omit<Target, 'place'> {
  const [block] = body.blocks;
  if (block) {
    throw new SlipwayError('ERR_SYNTAX', `a target has no block ${block.type}`, {
      place: block.place,
      hint: `write it with an equals sign: ${block.type} = { … }`,
    });
  }
  const target: Omit<Target, 'place'> = { name, attributes: new Map(), inherits: [] };
  for (const attribute of body.attributes) {
    checkAttributeName(attribute);
    if (attribute.name === 'inherits') {
      const list = at(attribute.value.place, () =>
        toList(evaluate(attribute.value, scope)).map((one) => toText(one)),
      );
      target.inherits = list.map((parent) => ({ name: parent, place: attribute.place }));
    }
    if (!isAttributeName(attribute.name)) continue;
    const content = decodeAttribute(attribute.name, attribute, scope);
    if (content !== undefined) target.attributes.set(attribute.name, { content, place: attribute.place });
  }
  return target;
}

/** @throws ERR_SYNTAX */
function checkAttributeName({ name, place }: Attribute): void {
  if (isAttributeName(name) || others.includes(name)) return;
  throw new SlipwayError('ERR_SYNTAX', `a target has no attribute ${JSON.stringify(name)}`, {
    place,
    hint: suggest(name, [...attributeNames, ...others]),
  });
}

function decodeAttribute(
  name: AttributeName,
  attribute: Attribute,
  scope: Scope,
): AttributeContent | undefined {
  const value = evaluate(attribute.value, scope);
  return value === null ? undefined : at(attribute.value.place, () => toContent(name, value));
}

/** null means that an attribute is not set. @throws ERR_EXPANSION, ERR_USAGE without a place */
function toContent(name: AttributeName, value: Value): AttributeContent {
  switch (attributeRules[name].kind) {
    case 'text':
      return toText(value);
    case 'flag':
      return toFlag(value);
    case 'list':
      return toList(value)
        .filter((one) => one !== null)
        .map((one) => toText(one));
    case 'map':
      return toTextMap(value);
    case 'entries':
      return toList(value)
        .filter((one) => one !== null && one !== '')
        .map((one) => toEntry(name as EntryAttribute, one));
  }
}

function toTextMap(value: Value): Map<string, string | null> {
  if (!(value instanceof Map))
    throw valueError(`an object is wanted, and this is ${kindOf(value)}`, 'write { NAME = "value" }');
  return new Map([...value].map(([key, one]) => [key, one === null ? null : toText(one)]));
}

function toEntry(name: EntryAttribute, value: Value): Entry {
  if (!(value instanceof Map)) return parseEntry(name, toText(value));
  const pairs = [...value].filter(([, one]) => one !== null);
  return normalEntry(
    name,
    new Map(
      pairs.map(([key, one]) => [
        key,
        Array.isArray(one) ? one.map((item) => toText(item)).join(',') : toText(one),
      ]),
    ),
  );
}
