// A resolved target in the words of a build's flags, attribute by attribute, so that each error has its place.
import { join } from 'node:path/posix';
import { type Place, SlipwayError } from '../errors.ts';
import { type Entry, type EntryAttribute, entryText } from './entry.ts';
import { linksOf } from './links.ts';
import type { BakeSetting, BakeTarget } from './read-bake.ts';
import type { ResolvedTarget } from './resolve-targets.ts';
import type { AttributeContent, AttributeName, AttributeValue } from './target.ts';

const repeated: Partial<Record<AttributeName, string>> = {
  annotations: '--annotation',
  'cache-from': '--cache-from',
  'cache-to': '--cache-to',
  attest: '--attest',
  'no-cache-filter': '--no-cache-filter',
  output: '--output',
  platforms: '--platform',
  policy: '--policy',
  secret: '--secret',
  ssh: '--ssh',
  tags: '--tag',
  ulimits: '--ulimit',
  entitlements: '--allow',
};
const single: Partial<Record<AttributeName, string>> = {
  network: '--network',
  'shm-size': '--shm-size',
  target: '--target',
  call: '--call',
};

const isRemote = (context: string): boolean =>
  /^(https?:\/\/|git@|git:\/\/|ssh:\/\/|github\.com\/)|\.git(#.*)?$/.test(context);
const local = (path: string): string => path.replace(/^cwd:\/\/\/?/, '') || '.';

/** @throws ERR_USAGE for what comes from standard input, with its place */
export function toSettings(target: ResolvedTarget): BakeTarget {
  const { name, attributes, place, linked } = target;
  const text = (key: AttributeName): string | undefined => attributes.get(key)?.content as string | undefined;
  const given = text('context') ?? '.';
  refuseStdin(given, 'context', attributes.get('context')?.place);
  const context = given.startsWith('cwd://') ? local(given) : given;
  const inline = text('dockerfile-inline') || undefined;
  const settings: BakeSetting[] = [];
  for (const [key, value] of attributes) {
    const flags = toFlags(key, value);
    if (flags.length > 0) settings.push({ key, place: value.place, flags });
  }
  const rights = attributes.get('entitlements');
  return {
    name,
    place,
    context,
    contextPlace: attributes.get('context')?.place,
    dockerfile:
      inline === undefined
        ? dockerfilePath(context, text('dockerfile') ?? 'Dockerfile', attributes.get('dockerfile')?.place)
        : undefined,
    inline,
    settings,
    links: linksOf(target),
    linked,
    entitlements: rights?.place
      ? (rights.content as string[]).map((right) => ({ name: right, place: rights.place }))
      : [],
  };
}

function refuseStdin(value: string, key: string, place: Place | undefined): void {
  if (value !== '-') return;
  throw new SlipwayError('ERR_USAGE', `${key} can't be standard input in a bake file`, {
    place,
    hint: 'give a path',
  });
}

/** A path is one in the context, unless it says otherwise. */
function dockerfilePath(context: string, dockerfile: string, place: Place | undefined): string {
  refuseStdin(dockerfile, 'dockerfile', place);
  if (dockerfile.startsWith('cwd://')) return local(dockerfile);
  return isRemote(context) || dockerfile.startsWith('/') || /^https?:\/\//.test(dockerfile)
    ? dockerfile
    : join(context, dockerfile);
}

function toFlags(key: AttributeName, { content }: AttributeValue): string[] {
  const list = repeated[key];
  if (list !== undefined)
    return (content as (string | Entry)[]).flatMap((one) => [
      list,
      typeof one === 'string' ? one : entryText(key as EntryAttribute, one),
    ]);
  const flag = single[key];
  if (flag !== undefined) return content === '' ? [] : [flag, content as string];
  switch (key) {
    case 'args':
      return pairs('--build-arg', content, '=');
    case 'resources':
      return pairs('--resource', content, '=');
    case 'labels':
      return pairs('--label', content, '=');
    case 'extra-hosts':
      return pairs('--add-host', content, '=');
    case 'contexts':
      return pairs('--build-context', content, '=', (value) =>
        value.startsWith('target:') ? undefined : value.startsWith('cwd://') ? local(value) : value,
      );
    case 'pull':
    case 'no-cache':
      return [`--${key}=${content}`];
    default:
      return [];
  }
}

function pairs(
  flag: string,
  content: AttributeContent,
  separator: string,
  map: (value: string) => string | undefined = (value) => value,
): string[] {
  return [...(content as Map<string, string | null>)].flatMap(([name, value]) => {
    const mapped = value === null ? undefined : map(value);
    return mapped === undefined ? [] : [flag, `${name}${separator}${mapped}`];
  });
}
