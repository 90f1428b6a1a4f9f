// A bake target as data: its attributes, how they merge when targets inherit and files add up.
import type { Place } from '../errors.ts';
import type { Entry } from './entry.ts';

export type AttributeKind = 'text' | 'flag' | 'list' | 'map' | 'entries';

interface AttributeRule {
  kind: AttributeKind;
  /** `replace`: the later one counts. `append`: lists are joined. Maps are always joined key by key. */
  merge: 'replace' | 'append';
}

/** Every attribute of a target, in the order in which docker's bake prints them; those that it does not have come last. */
export const attributeRules = {
  description: { kind: 'text', merge: 'replace' },
  annotations: { kind: 'list', merge: 'append' },
  attest: { kind: 'entries', merge: 'append' },
  context: { kind: 'text', merge: 'replace' },
  contexts: { kind: 'map', merge: 'append' },
  dockerfile: { kind: 'text', merge: 'replace' },
  'dockerfile-inline': { kind: 'text', merge: 'replace' },
  args: { kind: 'map', merge: 'append' },
  labels: { kind: 'map', merge: 'append' },
  tags: { kind: 'list', merge: 'replace' },
  'cache-from': { kind: 'entries', merge: 'append' },
  'cache-to': { kind: 'entries', merge: 'replace' },
  target: { kind: 'text', merge: 'replace' },
  secret: { kind: 'entries', merge: 'append' },
  ssh: { kind: 'entries', merge: 'append' },
  platforms: { kind: 'list', merge: 'replace' },
  output: { kind: 'entries', merge: 'replace' },
  pull: { kind: 'flag', merge: 'replace' },
  'no-cache': { kind: 'flag', merge: 'replace' },
  network: { kind: 'text', merge: 'replace' },
  'no-cache-filter': { kind: 'list', merge: 'append' },
  'shm-size': { kind: 'text', merge: 'replace' },
  ulimits: { kind: 'list', merge: 'append' },
  call: { kind: 'text', merge: 'replace' },
  entitlements: { kind: 'list', merge: 'append' },
  'extra-hosts': { kind: 'map', merge: 'append' },
  policy: { kind: 'entries', merge: 'append' },
  resources: { kind: 'map', merge: 'append' },
  'secret-check': { kind: 'text', merge: 'replace' },
} as const satisfies Record<string, AttributeRule>;

export type AttributeName = keyof typeof attributeRules;
export const attributeNames = Object.keys(attributeRules) as AttributeName[];

/** null in a map: the Dockerfile's own value, which takes nothing away. */
export type AttributeContent = string | boolean | string[] | Map<string, string | null> | Entry[];

export interface AttributeValue {
  content: AttributeContent;
  /** Where it was written; undefined for what was not. */
  place: Place | undefined;
}

export type Attributes = Map<AttributeName, AttributeValue>;

export interface Target {
  name: string;
  attributes: Attributes;
  inherits: { name: string; place: Place | undefined }[];
  place: Place | undefined;
}

export interface Group {
  name: string;
  description: string | undefined;
  targets: string[];
  place: Place | undefined;
}

export function isAttributeName(name: string): name is AttributeName {
  return Object.hasOwn(attributeRules, name);
}

/** What `over` says on top of `base`; neither is changed. */
export function mergeAttributes(base: Attributes, over: Attributes): Attributes {
  const merged: Attributes = new Map(base);
  for (const [name, value] of over) {
    const before = merged.get(name);
    merged.set(
      name,
      before ? { ...value, content: mergeContent(name, before.content, value.content) } : value,
    );
  }
  for (const [name, value] of merged) {
    if (value.content instanceof Map)
      merged.set(name, { ...value, content: new Map([...value.content].filter(([, one]) => one !== null)) });
  }
  return merged;
}

function mergeContent(
  name: AttributeName,
  before: AttributeContent,
  content: AttributeContent,
): AttributeContent {
  if (before instanceof Map && content instanceof Map)
    return new Map([...before, ...[...content].filter(([, one]) => one !== null)]);
  if (attributeRules[name].merge === 'replace') return content;
  return Array.isArray(before) && Array.isArray(content)
    ? ([...before, ...content] as string[] | Entry[])
    : content;
}
