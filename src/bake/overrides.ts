// `--set TARGET.KEY[+]=VALUE`: what the command line changes in targets.
import { suggest } from '../dockerfile/suggest.ts';
import { SlipwayError } from '../errors.ts';
import { type Entry, type EntryAttribute, isSameEntry, parseEntry } from './entry.ts';
import { toFlag } from './hcl/value.ts';
import { matchesName } from './match-name.ts';
import {
  type AttributeContent,
  type AttributeName,
  type Attributes,
  attributeRules,
  isAttributeName,
} from './target.ts';

export interface Override {
  /** As it was written. */
  text: string;
  pattern: string;
  key: string;
  /** Of args, labels, contexts and extra hosts. */
  name: string | undefined;
  value: string | undefined;
  append: boolean;
}

const spellings: Record<string, AttributeName> = {
  platform: 'platforms',
  secrets: 'secret',
  outputs: 'output',
  tag: 'tags',
};

/** @throws ERR_USAGE */
export function parseOverride(text: string): Override {
  const equals = text.indexOf('=');
  const left = equals < 0 ? text : text.slice(0, equals);
  const append = left.endsWith('+');
  const [pattern = '', key = '', ...rest] = (append ? left.slice(0, -1) : left).split('.');
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  if (pattern === '' || key === '' || (value === undefined && key !== 'args')) {
    throw new SlipwayError('ERR_USAGE', `--set: ${JSON.stringify(text)} is not written TARGET.KEY=VALUE`, {
      hint: '--set app.args.VERSION=2, --set "*.platform=linux/arm64", --set app.tags+=app:next',
    });
  }
  return { text, pattern, key, name: rest.length > 0 ? rest.join('.') : undefined, value, append };
}

/** Whether an override is for a target: a target of just that name goes before the pattern. */
export function isFor(override: Override, target: string, all: readonly string[]): boolean {
  return all.includes(override.pattern) ? override.pattern === target : matchesName(override.pattern, target);
}

/** @param list the overrides of one target. @throws ERR_USAGE without a place */
export function applyOverrides(
  attributes: Attributes,
  list: readonly Override[],
  env: Readonly<Record<string, string | undefined>>,
): Attributes {
  const result: Attributes = new Map(attributes);
  const seen = new Set<AttributeName>();
  for (const override of list) {
    if (override.key === 'load' || override.key === 'push') {
      if (toFlag(override.value!)) addOutput(result, override.key);
      continue;
    }
    const name = Object.hasOwn(spellings, override.key) ? spellings[override.key]! : override.key;
    if (!isAttributeName(name) || name === 'description') {
      throw new SlipwayError(
        'ERR_USAGE',
        `--set ${override.text}: a target has no key ${JSON.stringify(override.key)}`,
        {
          hint: suggest(override.key, [
            ...Object.keys(attributeRules),
            'platform',
            'secrets',
            'load',
            'push',
          ]),
        },
      );
    }
    // Several --set of one list are one list.
    const before =
      override.append || seen.has(name) || alwaysAdds(name) ? result.get(name)?.content : undefined;
    const content = overrideContent(name, override, { before, env });
    if (content === undefined) continue;
    seen.add(name);
    result.set(name, { content, place: undefined });
  }
  return result;
}

const alwaysAdds = (name: AttributeName): boolean =>
  attributeRules[name].kind === 'map' || ['entitlements', 'annotations', 'attest'].includes(name);

interface Surroundings {
  before: AttributeContent | undefined;
  env: Readonly<Record<string, string | undefined>>;
}

function overrideContent(
  name: AttributeName,
  override: Override,
  { before, env }: Surroundings,
): AttributeContent | undefined {
  const value = override.value ?? (override.name === undefined ? undefined : env[override.name]);
  const { kind } = attributeRules[name];
  if ((kind === 'map') !== (override.name !== undefined)) {
    const form = kind === 'map' ? `TARGET.${override.key}.NAME=VALUE` : `TARGET.${override.key}=VALUE`;
    throw new SlipwayError('ERR_USAGE', `--set: ${JSON.stringify(override.text)} is not written ${form}`);
  }
  if (value === undefined) return undefined;
  switch (kind) {
    case 'text':
      return value;
    case 'flag':
      return flag(override, value);
    case 'map':
      return new Map([
        ...((before as Map<string, string | null> | undefined) ?? []),
        [override.name!, value],
      ]);
    case 'list':
      return [
        ...((before as string[] | undefined) ?? []),
        ...(value === '' ? [] : value.split(name === 'platforms' ? ',' : '\0')),
      ];
    case 'entries':
      return [
        ...((before as Entry[] | undefined) ?? []),
        ...(value === '' ? [] : [parseEntry(name as EntryAttribute, value)]),
      ];
  }
}

function flag(override: Override, value: string): boolean {
  try {
    return toFlag(value);
  } catch {
    throw new SlipwayError('ERR_USAGE', `--set ${override.text}: ${override.key} is true or false`);
  }
}

/** What `--load` and `--push` add to the outputs of a target. */
function addOutput(attributes: Attributes, key: 'load' | 'push'): void {
  const before = (attributes.get('output')?.content as Entry[] | undefined) ?? [];
  const wanted: Entry =
    key === 'load'
      ? new Map([['type', 'docker']])
      : new Map([
          ['push', 'true'],
          ['type', 'image'],
        ]);
  const types = before.map((entry) => entry.get('type') ?? '');
  const isImage = (type: string): boolean => ['image', 'registry', 'oci', 'docker'].includes(type);
  if (before.some((entry) => isSameEntry(entry, wanted))) return;
  // Who asks for files gets no image besides.
  if (types.some((type) => !isImage(type))) return;
  const pushed = key === 'push' && types.includes('image');
  const content = pushed
    ? before.map((entry) =>
        entry.get('type') === 'image'
          ? new Map([['push', 'true'], ...entry, ['push', 'true']] as [string, string][])
          : entry,
      )
    : [...before, wanted];
  attributes.set('output', { content, place: undefined });
}
