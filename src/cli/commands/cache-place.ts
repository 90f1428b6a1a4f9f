// The attributes of --cache-to and --cache-from that say where a shared cache lies.
import { SlipwayError } from '../../errors.ts';
import type { CachePlace } from '../../index.ts';
import { suggest, suggestionHint } from '../suggest.ts';
import { parseMilliseconds } from './milliseconds.ts';

export type CacheFlag = '--cache-to' | '--cache-from';
/** Attributes by name. */
export type CacheAttributes = ReadonlyMap<string, string>;

const types = ['local', 'registry', 'inline', 's3'] as const;
export type CacheType = (typeof types)[number];

/** Types of BuildKit's that are not supported, with the way round. */
const otherTypes: Record<string, string> = {
  gha: "use type=local,dest=FOLDER and keep that folder with actions/cache, or type=registry in the repository's own registry",
  azblob: 'use type=s3 with a gateway for its protocol, type=registry, or type=local on a mounted share',
};

const placeAttributes: Record<CacheType, Record<CacheFlag, readonly string[]>> = {
  local: { '--cache-to': ['dest', 'tag'], '--cache-from': ['src', 'tag', 'digest'] },
  registry: { '--cache-to': ['ref', 'registry.insecure'], '--cache-from': ['ref', 'registry.insecure'] },
  inline: { '--cache-to': [], '--cache-from': [] },
  s3: { '--cache-to': s3Attributes(), '--cache-from': s3Attributes() },
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
    const near = suggest(name, known);
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
