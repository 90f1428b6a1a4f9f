// The attributes of --cache-to and --cache-from that say where a shared cache lies.
import { SlipwayError } from '../../errors.ts';
import type { CachePlace } from '../../index.ts';
import { nearest } from '../../nearest.ts';
import { suggestionHint } from '../suggest.ts';
import { parseMilliseconds } from './milliseconds.ts';

export type CacheFlag = '--cache-to' | '--cache-from';
/** Attributes by name. */
export type CacheAttributes = ReadonlyMap<string, string>;

const types = ['local', 'registry', 'inline', 's3', 'gha'] as const;
export type CacheType = (typeof types)[number];

/** Types of BuildKit's that are not supported, with the way round. */
const otherTypes: Record<string, string> = {
  azblob: 'use type=s3 with a gateway for its protocol, type=registry, or type=local on a mounted share',
};

const ghaAttributes = ['scope', 'url_v2', 'token', 'version', 'timeout'];

/** Of type=gha, with the way round. */
const otherGhaAttributes: Record<string, string> = {
  url: 'it is the address of version 1 of the service, which GitHub has switched off: give url_v2=https://…',
  repository:
    'leave it out: the token says which repository it is good for, and no other part of GitHub is asked',
  ghtoken:
    'leave it out: the token of the runner is all that is needed, and no other part of GitHub is asked',
};

const placeAttributes: Record<CacheType, Record<CacheFlag, readonly string[]>> = {
  local: { '--cache-to': ['dest', 'tag'], '--cache-from': ['src', 'tag', 'digest'] },
  registry: { '--cache-to': ['ref', 'registry.insecure'], '--cache-from': ['ref', 'registry.insecure'] },
  inline: { '--cache-to': [], '--cache-from': [] },
  s3: { '--cache-to': s3Attributes(), '--cache-from': s3Attributes() },
  gha: { '--cache-to': ghaAttributes, '--cache-from': ghaAttributes },
};

function s3Attributes(): string[] {
  return [
    ...[
      'bucket',
      'region',
      'prefix',
      'blobs_prefix',
      'manifests_prefix',
      'name',
      'endpoint_url',
      'use_path_style',
    ],
    ...['access_key_id', 'secret_access_key', 'session_token', 'touch_refresh', 'upload_parallelism'],
  ];
}

/** @throws ERR_USAGE, ERR_UNSUPPORTED */
export function readCacheType(attributes: CacheAttributes, flag: CacheFlag): CacheType {
  const type = attributes.get('type');
  if (type === undefined)
    throw usage(`${flag} has no type`, `${flag} type=registry,ref=NAME; types: ${types.join(', ')}`);
  const found = types.find((one) => one === type);
  if (found) return found;
  const way = Object.hasOwn(otherTypes, type) ? otherTypes[type] : undefined;
  if (way) throw new SlipwayError('ERR_UNSUPPORTED', `${flag} type=${type} is not supported`, { hint: way });
  throw usage(`${flag} has no type ${JSON.stringify(type)}`, suggestionHint(type, types));
}

/** @throws ERR_USAGE for attributes that the type has not */
export function checkAttributes(
  attributes: CacheAttributes,
  { flag, type, more }: { flag: CacheFlag; type: CacheType; more: readonly string[] },
): void {
  const known = [...placeAttributes[type][flag], ...more];
  for (const name of attributes.keys()) {
    if (name === 'type' || known.includes(name)) continue;
    const way = type === 'gha' && Object.hasOwn(otherGhaAttributes, name) && otherGhaAttributes[name];
    if (way) {
      const message = `${flag} type=gha,${name}=… is not supported`;
      throw new SlipwayError('ERR_UNSUPPORTED', message, { hint: way });
    }
    const near = nearest(name, known);
    throw usage(
      `${flag} type=${type} has no attribute ${JSON.stringify(name)}`,
      near ? `did you mean ${near}?` : `it takes ${known.join(', ') || 'nothing more'}`,
    );
  }
}

/** @param env has what the tools of S3 read, too: AWS_REGION, AWS_BUCKET. @throws ERR_USAGE */
export function readPlace(
  type: Exclude<CacheType, 'inline'>,
  attributes: CacheAttributes,
  { flag, env }: { flag: CacheFlag; env: Record<string, string | undefined> },
): CachePlace {
  if (type === 'local') return localPlace(attributes, flag);
  if (type === 's3') return s3Place(attributes, flag, env);
  if (type === 'gha') return ghaPlace(attributes, flag);
  const ref = required(attributes, 'ref', { flag, type, example: 'ref=registry.example.com/app:cache' });
  const insecure = readTruth(attributes, 'registry.insecure', flag);
  return { type, ref, ...(insecure ? { insecure } : {}) };
}

function localPlace(attributes: CacheAttributes, flag: CacheFlag): CachePlace {
  const name = flag === '--cache-to' ? 'dest' : 'src';
  const path = required(attributes, name, { flag, type: 'local', example: `${name}=FOLDER` });
  const digest = attributes.get('digest');
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw usage(`${flag}: digest is ${JSON.stringify(digest)}`, 'digest=sha256: and 64 hexadecimal digits');
  return {
    type: 'local',
    path,
    tag: attributes.get('tag') || 'latest',
    ...(digest === undefined ? {} : { digest: digest as `sha256:${string}` }),
  };
}

function s3Place(
  attributes: CacheAttributes,
  flag: CacheFlag,
  env: Record<string, string | undefined>,
): CachePlace {
  const bucket = attributes.get('bucket') || env['AWS_BUCKET'];
  const region = attributes.get('region') || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  if (!bucket) throw usage(`${flag} type=s3 has no bucket`, 'bucket=NAME, or AWS_BUCKET in the environment');
  if (!region) throw usage(`${flag} type=s3 has no region`, 'region=NAME, or AWS_REGION in the environment');
  const names = (attributes.get('name') ?? '').split(';').filter((name) => name !== '');
  const texts = {
    prefix: attributes.get('prefix'),
    blobsPrefix: attributes.get('blobs_prefix'),
    manifestsPrefix: attributes.get('manifests_prefix'),
    endpointURL: attributes.get('endpoint_url'),
    accessKeyID: attributes.get('access_key_id'),
    secretAccessKey: attributes.get('secret_access_key'),
    sessionToken: attributes.get('session_token'),
  };
  const touch = attributes.get('touch_refresh');
  const parallel = attributes.get('upload_parallelism');
  if (parallel !== undefined && !/^[1-9]\d?$/.test(parallel))
    throw usage(`${flag}: upload_parallelism is ${JSON.stringify(parallel)}`, 'upload_parallelism=4');
  return {
    type: 's3',
    bucket,
    region,
    names: names.length > 0 ? names : ['slipway'],
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined && text !== '')),
    ...(readTruth(attributes, 'use_path_style', flag) ? { usePathStyle: true } : {}),
    ...(touch === undefined ? {} : { touchRefresh: parseMilliseconds(touch, `${flag}: touch_refresh`) }),
    ...(parallel === undefined ? {} : { uploadParallelism: Number(parallel) }),
  };
}

/** The address and the token may come from the environment, when they are needed. */
function ghaPlace(attributes: CacheAttributes, flag: CacheFlag): CachePlace {
  const version = attributes.get('version') || '2';
  if (version !== '2') {
    throw new SlipwayError('ERR_UNSUPPORTED', `${flag} type=gha,version=${version} is not supported`, {
      hint: 'leave it out: GitHub has switched off version 1, and version 2 is what is spoken',
    });
  }
  const scope = attributes.get('scope') || 'slipway';
  if (scope.length > longestScope || /[,\p{C}]/u.test(scope))
    throw usage(`${flag}: the scope of type=gha is too long, or has a comma`, 'scope=app');
  const url = attributes.get('url_v2');
  if (url && !/^https?:\/\/./.test(url))
    throw usage(`${flag}: url_v2 is no web address`, 'url_v2=https://…, or leave it out');
  const token = attributes.get('token');
  const timeout = attributes.get('timeout');
  return {
    type: 'gha',
    scope,
    ...(url ? { url } : {}),
    ...(token ? { token } : {}),
    ...(timeout ? { timeout: readTimeout(timeout, flag) } : {}),
  };
}

/** Keys of entries have 512 characters at most. */
const longestScope = 256;

function readTimeout(text: string, flag: CacheFlag): number {
  const timeout = parseMilliseconds(text, `${flag}: timeout`);
  if (timeout >= 1 && timeout < 2 ** 31) return Math.ceil(timeout);
  throw usage(`${flag}: timeout is ${text}`, 'timeout=10m');
}

function required(
  attributes: CacheAttributes,
  name: string,
  { flag, type, example }: { flag: CacheFlag; type: string; example: string },
): string {
  const value = attributes.get(name);
  if (value) return value;
  throw usage(`${flag} type=${type} needs ${name}`, `${flag} type=${type},${example}`);
}

/** Undefined where it is not given. @throws ERR_USAGE */
export function readTruth(attributes: CacheAttributes, name: string, flag: CacheFlag): boolean | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  if (/^(true|t|1)$/i.test(value)) return true;
  if (/^(false|f|0)$/i.test(value)) return false;
  throw usage(`${flag}: ${name} is true or false, not ${JSON.stringify(value)}`, `${name}=true`);
}

export function usage(message: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, { hint });
}
