// From what the command line asks for to the targets that are built: groups, inheritance, overrides, links between targets.
import { suggest } from '../dockerfile/suggest.ts';
import { type Place, SlipwayError, withPlace } from '../errors.ts';
import type { BakeConfig } from './bake-config.ts';
import { type Entry, isSameEntry } from './entry.ts';
import { loadLinks } from './links.ts';
import { isPattern, matchesName } from './match-name.ts';
import { applyOverrides, isFor, type Override } from './overrides.ts';
import { type AttributeName, type Attributes, type Group, mergeAttributes, type Target } from './target.ts';

export interface ResolvedTarget {
  name: string;
  attributes: Attributes;
  place: Place | undefined;
  /** Only another target's context: nothing is exported. */
  linked: boolean;
}

export interface ResolvedBake {
  /** Those asked for come first, in that order; then those they are linked to. */
  targets: ResolvedTarget[];
  /** What was asked for, and the groups that it went through. */
  groups: Group[];
}

export interface ResolveOptions {
  /** Empty: `default`. */
  names: readonly string[];
  overrides: readonly Override[];
  env: Readonly<Record<string, string | undefined>>;
}

const deepest = 200;

/** @throws ERR_UNKNOWN_TARGET, ERR_USAGE, ERR_SYNTAX for targets that refer to themselves */
export function resolveTargets(config: BakeConfig, options: ResolveOptions): ResolvedBake {
  const names = [
    ...new Set(
      (options.names.length > 0 ? options.names : ['default']).flatMap((name) =>
        matching(config, name.replaceAll('.', '_')),
      ),
    ),
  ];
  checkOverrides(config, options.overrides);
  const targets = new Map<string, ResolvedTarget>();
  const groups = new Map<string, Group>();
  for (const name of names) {
    const found = expandGroup(config, name);
    for (const target of found.targets) targets.set(target, resolveTarget(config, target, options));
    for (const group of found.groups) groups.set(group.name, group);
  }
  const asked = names.filter((name) => name !== 'default' || !groups.has('default'));
  const standing = groups.get('default');
  const all = [...new Set([...(standing?.targets ?? []), ...asked])].sort();
  groups.set('default', {
    description: undefined,
    place: undefined,
    ...standing,
    name: 'default',
    targets: all,
  });
  const resolve = (name: string, place: Place | undefined): ResolvedTarget => {
    if (config.targets.some((one) => one.name === name)) return resolveTarget(config, name, options);
    throw unknownTarget(config, name, place);
  };
  for (const target of [...targets.values()]) loadLinks(target, [], { targets, resolve });
  return { targets: [...targets.values()], groups: [...groups.values()] };
}

/** Names of what there is. */
function knownNames(config: BakeConfig): string[] {
  return [...new Set([...config.groups, ...config.targets].map(({ name }) => name))];
}

function unknownTarget(config: BakeConfig, name: string, place?: Place): SlipwayError {
  const known = knownNames(config);
  const message =
    name === 'default'
      ? 'there is no target and no group "default"'
      : `there is no target ${JSON.stringify(name)}`;
  const hint =
    known.length === 0
      ? 'the bake files define no targets'
      : name === 'default'
        ? `name what to build: ${known.join(', ')}`
        : suggest(name, known);
  return new SlipwayError('ERR_UNKNOWN_TARGET', message, { place, hint });
}

function matching(config: BakeConfig, name: string): string[] {
  if (!isPattern(name)) return [name];
  const found = knownNames(config).filter((one) => matchesName(name, one));
  if (found.length > 0) return found;
  throw unknownTarget(config, name);
}

function expandGroup(
  config: BakeConfig,
  name: string,
  depth = 0,
  seen = new Set<string>(),
  place?: Place,
): { targets: string[]; groups: Group[] } {
  const group = config.groups.find((one) => one.name === name);
  if (!group || depth > deepest) {
    if (config.targets.some((one) => one.name === name)) return { targets: [name], groups: [] };
    throw unknownTarget(config, name, place);
  }
  // A group that holds itself adds nothing.
  if (seen.has(name)) return { targets: [], groups: [] };
  seen.add(name);
  // A group of its only target's name stands for that target.
  const inner = group.targets.map((one) =>
    one === name ? { targets: [one], groups: [] } : expandGroup(config, one, depth + 1, seen, group.place),
  );
  return {
    targets: [...new Set(inner.flatMap(({ targets }) => targets))],
    groups: [group, ...inner.flatMap(({ groups }) => groups)],
  };
}

function checkOverrides(config: BakeConfig, overrides: readonly Override[]): void {
  const names = config.targets.map(({ name }) => name);
  for (const override of overrides) {
    if (names.some((name) => isFor(override, name, names))) continue;
    throw new SlipwayError(
      'ERR_UNKNOWN_TARGET',
      `--set ${override.text}: no target matches ${JSON.stringify(override.pattern)}`,
      {
        hint: suggest(override.pattern, names),
      },
    );
  }
}

function resolveTarget(config: BakeConfig, name: string, options: ResolveOptions): ResolvedTarget {
  const found = inherited(config, name, { options, visited: new Map() });
  if (!found) throw unknownTarget(config, name);
  const attributes: Attributes = new Map(found);
  attributes.set('context', attributes.get('context') ?? { content: '.', place: undefined });
  const dockerfile = attributes.get('dockerfile');
  if (!dockerfile || dockerfile.content === '')
    attributes.set('dockerfile', { content: 'Dockerfile', place: dockerfile?.place });
  return { name, attributes, place: config.targets.find((one) => one.name === name)?.place, linked: false };
}

interface Inheritance {
  options: ResolveOptions;
  /** Undefined while it is at work. */
  visited: Map<string, Attributes | undefined>;
}

/** Undefined for a target that inherits from itself: it adds nothing. */
function inherited(
  config: BakeConfig,
  name: string,
  parts: Inheritance,
  from?: Target['inherits'][number],
): Attributes | undefined {
  const { visited, options } = parts;
  if (visited.has(name) || visited.size > deepest) return visited.get(name);
  visited.set(name, undefined);
  const target = config.targets.find((one) => one.name === name);
  if (!target) throw unknownTarget(config, name, from?.place);
  let merged: Attributes = new Map();
  for (const parent of target.inherits) {
    const attributes = inherited(config, parent.name, parts, parent);
    if (attributes) merged = mergeAttributes(merged, attributes);
  }
  merged = mergeAttributes(merged, target.attributes);
  const names = config.targets.map((one) => one.name);
  const own = options.overrides.filter((override) => isFor(override, name, names));
  try {
    merged = normalize(applyOverrides(merged, own, options.env));
  } catch (error) {
    throw own.length > 0
      ? error
      : withPlace(
          error,
          target.place ?? { range: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } } },
        );
  }
  visited.set(name, merged);
  return merged;
}

/** Without what is there twice or empty. */
function normalize(attributes: Attributes): Attributes {
  const result: Attributes = new Map();
  const network = attributes.get('network');
  const rights = attributes.get('entitlements');
  const all =
    network?.content === 'host'
      ? new Map(attributes).set('entitlements', {
          content: [...((rights?.content as string[] | undefined) ?? []), 'network.host'],
          place: rights?.place ?? network.place,
        })
      : attributes;
  for (const [name, value] of all) {
    let { content } = value;
    if (content instanceof Map)
      content = new Map(
        [...content].filter(([, one]) => one !== null && (name !== 'contexts' || one !== '')),
      );
    else if (Array.isArray(content)) content = distinct(name, content);
    if (typeof content === 'object' && (content instanceof Map ? content.size : content.length) === 0)
      continue;
    result.set(name, { ...value, content });
  }
  return result;
}

/** Entries of which a target has one for each value of a key: the last that is said holds. */
const identities: Partial<Record<AttributeName, string>> = { attest: 'type', secret: 'id', ssh: 'id' };

function distinct(name: AttributeName, list: string[] | Entry[]): string[] | Entry[] {
  if (list.every((one) => typeof one === 'string')) return [...new Set(list)].filter((one) => one !== '');
  const key = identities[name];
  if (key !== undefined) {
    return [...new Map((list as Entry[]).map((one, index) => [one.get(key) ?? index, one])).values()];
  }
  return (list as Entry[]).filter(
    (one, index, all) => all.findIndex((other) => isSameEntry(one, other)) === index,
  );
}
