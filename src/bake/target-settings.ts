// A resolved target in the words of a build's flags, attribute by attribute, so that each error has its place.
import { join } from 'node:path/posix';
import { type Place, SlipwayError } from '../errors.ts';
import { type Entry, type EntryAttribute, entryText } from './entry.ts';
import { linksOf } from './links.ts';
import type { BakeSetting, BakeTarget } from './read-bake.ts';
import { cwdPath, isCwd, isRemote, type RemoteDefinition, remoteContext } from './remote-definition.ts';
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
  'secret-check': '--secret-check',
};

/** @throws ERR_USAGE for what comes from standard input, with its place */
export function toSettings(target: ResolvedTarget, remote: RemoteDefinition | undefined): BakeTarget {
  const { name, attributes, place, linked } = target;
  const text = (key: AttributeName): string | undefined => attributes.get(key)?.content as string | undefined;
  const given = text('context') ?? '.';
  refuseStdin(given, 'context', attributes.get('context')?.place);
  const contextOf = (path: string, place: Place | undefined): string => {
    if (isCwd(path)) return cwdPath(path);
    return remote && !isRemote(path) ? remoteContext(path, remote, place) : path;
  };
  const context = contextOf(given, attributes.get('context')?.place);
  const inline = text('dockerfile-inline') || undefined;
  if (remote && inline === undefined && isCwd(given)) refuseFarDockerfile(target);
  const settings: BakeSetting[] = [];
  for (const [key, value] of attributes) {
    const flags = toFlags(key, value, (path) =>
      /^[a-z][a-z0-9+.-]*:/.test(path) && !isCwd(path) ? path : contextOf(path, value.place),
    );
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
    isLocalDockerfile: inline === undefined && isRemote(context) && isCwd(text('dockerfile') ?? ''),
    inline,
    inlinePlace: inline === undefined ? undefined : attributes.get('dockerfile-inline')?.place,
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

/** A Dockerfile of the repository goes with a context of the repository. */
function refuseFarDockerfile({ attributes }: ResolvedTarget): void {
  const dockerfile = attributes.get('dockerfile');
  const path = String(dockerfile?.content);
  if (isCwd(path) || /^https?:\/\//.test(path)) return;
  throw new SlipwayError(
    'ERR_UNSUPPORTED',
    `the Dockerfile ${path} lies elsewhere, and its context on this machine`,
    {
      place: dockerfile?.place ?? attributes.get('context')?.place,
      hint: `dockerfile = "cwd://${path}" for the one on this machine, or dockerfile-inline`,
    },
  );
}

/** A path is one in the context, unless it says otherwise. */
function dockerfilePath(context: string, dockerfile: string, place: Place | undefined): string {
  refuseStdin(dockerfile, 'dockerfile', place);
  if (isCwd(dockerfile)) return cwdPath(dockerfile);
  return isRemote(context) || dockerfile.startsWith('/') || /^https?:\/\//.test(dockerfile)
    ? dockerfile
    : join(context, dockerfile);
}

function toFlags(
  key: AttributeName,
  { content }: AttributeValue,
  contextOf: (path: string) => string,
): string[] {
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
        value.startsWith('target:') ? undefined : contextOf(value),
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
