// The build section of a service, and its x-bake, to the attributes of a target.
import { suggest } from '../../dockerfile/suggest.ts';
import { SlipwayError, withPlace } from '../../errors.ts';
import { type Entry, type EntryAttribute, parseEntry } from '../entry.ts';
import {
  type AttributeContent,
  type AttributeName,
  type Attributes,
  isAttributeName,
  mergeAttributes,
} from '../target.ts';
import { flagOf, listOf, mapOf, pairsOf, textOf } from './node-values.ts';
import type { ComposeProject } from './parse-compose.ts';
import type { YamlNode } from './yaml-node.ts';

export interface ServiceParts {
  project: ComposeProject;
  /** The service's own environment, which build arguments without a value read. */
  environment: YamlNode | undefined;
}

type Read = (node: YamlNode, parts: ServiceParts) => AttributeContent | undefined;

/** Fields of a build section: the attribute that each becomes, and how it is read. */
const fields: Record<string, [AttributeName, Read]> = {
  context: ['context', (node) => textOf(node, 'context')],
  dockerfile: ['dockerfile', (node) => textOf(node, 'dockerfile')],
  dockerfile_inline: ['dockerfile-inline', (node) => textOf(node, 'dockerfile_inline')],
  args: ['args', readArgs],
  ssh: ['ssh', readSsh],
  cache_from: ['cache-from', (node) => entries('cache-from', listOf(node, 'cache_from'))],
  cache_to: ['cache-to', (node) => entries('cache-to', listOf(node, 'cache_to'))],
  additional_contexts: ['contexts', (node) => readContexts(node)],
  extra_hosts: ['extra-hosts', (node) => pairsOf(node, 'extra_hosts', '=:')],
  labels: [
    'labels',
    (node) => new Map([...pairsOf(node, 'labels')].map(([key, value]) => [key, value ?? ''])),
  ],
  network: ['network', (node) => textOf(node, 'network')],
  no_cache: ['no-cache', (node) => flagOf(node, 'no_cache') || undefined],
  no_cache_filter: ['no-cache-filter', (node) => listOf(node, 'no_cache_filter')],
  pull: ['pull', (node) => flagOf(node, 'pull') || undefined],
  shm_size: ['shm-size', (node) => textOf(node, 'shm_size')],
  target: ['target', (node) => textOf(node, 'target')],
  secrets: ['secret', readSecrets],
  tags: ['tags', (node) => listOf(node, 'tags')],
  ulimits: ['ulimits', readUlimits],
  platforms: ['platforms', (node) => listOf(node, 'platforms')],
  entitlements: ['entitlements', (node) => listOf(node, 'entitlements')],
  provenance: ['attest', (node) => attestation('provenance', node)],
  sbom: ['attest', (node) => attestation('sbom', node)],
};

const unsupported: Record<string, string> = {
  isolation: 'leave it out: it is for Windows',
  privileged: 'use entitlements: [security.insecure] and RUN --security=insecure',
};

/** @throws ERR_SYNTAX, ERR_UNSUPPORTED, with places */
export function decodeBuild(build: YamlNode, parts: ServiceParts): Attributes {
  if (!(build.value instanceof Map))
    return new Map([['context', { content: textOf(build, 'build'), place: build.place }]]);
  const attributes: Attributes = new Map();
  for (const [key, node] of build.value) {
    if (node.value === null || key.startsWith('x-')) continue;
    const way = Object.hasOwn(unsupported, key) ? unsupported[key] : undefined;
    if (way && node.value !== false && node.value !== 'default')
      throw new SlipwayError('ERR_UNSUPPORTED', `${key} of a build section is not supported`, {
        place: node.place,
        hint: way,
      });
    if (way) continue;
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!field) {
      throw new SlipwayError('ERR_SYNTAX', `a build section has no field ${JSON.stringify(key)}`, {
        place: node.place,
        hint: suggest(key, Object.keys(fields)),
      });
    }
    add(
      attributes,
      field[0],
      located(node, () => field[1](node, parts)),
      node,
    );
  }
  const extension = build.value.get('x-bake');
  return extension && extension.value !== null ? decodeExtension(attributes, extension) : attributes;
}

function add(
  attributes: Attributes,
  name: AttributeName,
  content: AttributeContent | undefined,
  { place }: YamlNode,
): void {
  if (content === undefined) return;
  const before = attributes.get(name)?.content;
  attributes.set(name, {
    content: Array.isArray(before) ? ([...before, ...(content as string[])] as string[] | Entry[]) : content,
    place,
  });
}

function located<T>(node: YamlNode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw withPlace(error, node.place);
  }
}

const extensionKeys: readonly AttributeName[] = [
  'tags',
  'cache-from',
  'cache-to',
  'secret',
  'ssh',
  'platforms',
  'output',
  'pull',
  'no-cache',
  'no-cache-filter',
  'contexts',
  'secret-check',
];

/** Lists are joined; a text is a list of words. */
function decodeExtension(attributes: Attributes, node: YamlNode): Attributes {
  const own: Attributes = new Map();
  for (const [key, value] of mapOf(node, 'x-bake')) {
    if (!isAttributeName(key) || !extensionKeys.includes(key)) {
      throw new SlipwayError('ERR_SYNTAX', `x-bake has no field ${JSON.stringify(key)}`, {
        place: value.place,
        hint: suggest(key, extensionKeys),
      });
    }
    if (value.value === null) continue;
    const before = attributes.get(key)?.content;
    const content = located(value, () => extensionContent(key, value));
    own.set(key, {
      content:
        Array.isArray(content) &&
        Array.isArray(before) &&
        (key === 'tags' || key === 'platforms' || key === 'cache-to')
          ? ([...before, ...content] as string[])
          : content,
      place: value.place,
    });
  }
  return mergeAttributes(attributes, own);
}

function extensionContent(key: AttributeName, node: YamlNode): AttributeContent {
  if (key === 'pull' || key === 'no-cache') return flagOf(node, key);
  if (key === 'contexts') return readContexts(node);
  if (key === 'secret-check') return textOf(node, key);
  const list =
    typeof node.value === 'string'
      ? node.value.split(/\s+/).filter((word) => word !== '')
      : listOf(node, key);
  return key === 'tags' || key === 'platforms' || key === 'no-cache-filter'
    ? list
    : entries(key as EntryAttribute, list);
}

function entries(name: EntryAttribute, list: readonly string[]): Entry[] {
  return list.filter((text) => text !== '').map((text) => parseEntry(name, text));
}

function readArgs(node: YamlNode, { project, environment }: ServiceParts): Map<string, string | null> {
  const own = environment ? pairsOf(environment, 'environment') : new Map<string, string | null>();
  const pairs = [...pairsOf(node, 'args')].map(([name, value]): [string, string | null] => [
    name,
    value ?? own.get(name) ?? project.variable(name) ?? null,
  ]);
  return new Map(pairs.filter(([, value]) => value !== null));
}

function readSsh(node: YamlNode): Entry[] {
  return [...pairsOf(node, 'ssh')].map(
    ([id, path]): Entry =>
      new Map<string, string>(
        path === null || path === ''
          ? [['id', id]]
          : [
              ['id', id],
              ['paths', path],
            ],
      ),
  );
}

function readContexts(node: YamlNode): Map<string, string | null> {
  return new Map(
    [...pairsOf(node, 'additional_contexts')].map(([name, value]) => {
      const linked = /^(?:service|target):(.*)$/.exec(value ?? '')?.[1];
      return [name, linked === undefined ? value : `target:${linked.replaceAll('.', '_')}`];
    }),
  );
}

function readSecrets(node: YamlNode, { project }: ServiceParts): Entry[] {
  if (!Array.isArray(node.value))
    throw new SlipwayError('ERR_SYNTAX', 'secrets must be a list', { place: node.place });
  return node.value.map((one): Entry => {
    const source = textOf(one.value instanceof Map ? (one.value.get('source') ?? one) : one, 'a secret');
    const declared = project.secrets.get(source);
    if (!declared)
      throw new SlipwayError('ERR_SYNTAX', `there is no secret ${JSON.stringify(source)}`, {
        place: one.place,
        hint: `declare it at the top level: secrets: { ${source}: { file: PATH } }`,
      });
    const map = mapOf(declared, `the secret ${source}`);
    const external = map.get('external');
    if (external && flagOf(external, 'external'))
      throw new SlipwayError('ERR_UNSUPPORTED', 'an external secret is not supported', {
        place: external.place,
        hint: 'give it a file or an environment variable',
      });
    const [file, env] = [map.get('file'), map.get('environment')];
    return new Map([
      ['id', source],
      ...(file ? ([['src', textOf(file, 'file')]] as const) : []),
      ...(env ? ([['env', textOf(env, 'environment')]] as const) : []),
    ]);
  });
}

function readUlimits(node: YamlNode): string[] {
  return [...mapOf(node, 'ulimits')].map(([name, limit]) => {
    if (!(limit.value instanceof Map)) return `${name}=${textOf(limit, name)}:${textOf(limit, name)}`;
    const [soft, hard] = [limit.value.get('soft'), limit.value.get('hard')];
    if (!soft || !hard)
      throw new SlipwayError('ERR_SYNTAX', `the ulimit ${name} needs soft and hard`, { place: limit.place });
    return `${name}=${textOf(soft, 'soft')}:${textOf(hard, 'hard')}`;
  });
}

function attestation(type: string, node: YamlNode): Entry[] {
  const text = textOf(node, type);
  if (text === 'false')
    return [
      new Map([
        ['type', type],
        ['disabled', 'true'],
      ]),
    ];
  return entries('attest', [text === 'true' ? `type=${type}` : `type=${type},${text}`]);
}
