// The values of --cache-from and --cache-to, in the spelling of docker's own build.
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest, CacheSource, CacheTarget, Compression } from '../../index.ts';
import { readPairs, splitCommaList } from '../comma-list.ts';
import { suggestionHint } from '../suggest.ts';
import {
  type CacheAttributes,
  type CacheFlag,
  checkAttributes,
  readCacheType,
  readPlace,
  readTruth,
  usage,
} from './cache-place.ts';
import { parseSize } from './limits.ts';
import { parseMilliseconds } from './milliseconds.ts';

type Environment = Record<string, string | undefined>;

const targetAttributes = [
  ...['mode', 'mounts', 'compression', 'compression-level', 'force-compression'],
  ...['ignore-error', 'reset', 'max-age', 'max-size'],
];
/** Of what others can read. */
const formAttributes = ['image-manifest', 'oci-mediatypes'];

/**
 * Members are left out where nothing is asked for.
 * @throws ERR_USAGE, ERR_UNSUPPORTED
 */
export function readSharedCaches(
  flags: { 'cache-from'?: readonly string[]; 'cache-to'?: readonly string[] },
  { env, buildArgs }: { env: Environment; buildArgs: Environment },
): Pick<BuildRequest, 'cacheFrom' | 'cacheTo'> {
  const cacheFrom = parseCacheFrom(flags['cache-from'] ?? [], env);
  const cacheTo = parseCacheTo(flags['cache-to'] ?? [], env);
  const inline = inlineArg in buildArgs ? (buildArgs[inlineArg] ?? env[inlineArg]) : undefined;
  const isInline = /^(true|t|1)$/i.test(inline ?? '');
  if (isInline && !cacheTo.some(({ type }) => type === 'inline')) cacheTo.push({ type: 'inline' });
  return {
    ...(cacheFrom.length > 0 ? { cacheFrom } : {}),
    ...(cacheTo.length > 0 ? { cacheTo } : {}),
  };
}

/** A build argument that docker's build takes for --cache-to type=inline. */
const inlineArg = 'BUILDKIT_INLINE_CACHE';

/** @throws ERR_USAGE, ERR_UNSUPPORTED */
export function parseCacheFrom(list: readonly string[], env: Environment): CacheSource[] {
  const flag = '--cache-from';
  return list.filter(isGiven).map((text) => {
    const attributes = readAttributes(text, flag);
    const type = readCacheType(attributes, flag);
    if (type === 'inline') {
      throw usage('--cache-from has no type inline', 'name the image: --cache-from type=registry,ref=IMAGE');
    }
    checkAttributes(attributes, { flag, type, more: ['mounts'] });
    const mounts = readTruth(attributes, 'mounts', flag);
    const place = readPlace(type, attributes, { flag, env });
    return { place, ...(mounts === undefined ? {} : { mounts }) };
  });
}

/** @throws ERR_USAGE, ERR_UNSUPPORTED */
export function parseCacheTo(list: readonly string[], env: Environment): CacheTarget[] {
  return list.filter(isGiven).map((text) => parseTarget(readAttributes(text, '--cache-to'), env));
}

/** As docker's build has it, so that a script may leave it open. */
const isGiven = (text: string): boolean => text !== '';

/** A text without any key is a reference. */
function readAttributes(text: string, flag: CacheFlag): CacheAttributes {
  const fields = splitCommaList(text, flag);
  if (fields.length === 1 && !fields[0]!.includes('='))
    return new Map([
      ['type', 'registry'],
      ['ref', fields[0]!],
    ]);
  return new Map(readPairs(fields, flag));
}

function parseTarget(attributes: CacheAttributes, env: Environment): CacheTarget {
  const flag = '--cache-to';
  const type = readCacheType(attributes, flag);
  if (type === 'inline') {
    checkInline(attributes);
    return { type };
  }
  const forms = type === 'gha' ? [] : formAttributes;
  checkAttributes(attributes, { flag, type, more: [...targetAttributes, ...forms] });
  const truths = {
    mounts: readTruth(attributes, 'mounts', flag),
    imageManifest: readTruth(attributes, 'image-manifest', flag),
    ociMediaTypes: readTruth(attributes, 'oci-mediatypes', flag),
    forceCompression: readTruth(attributes, 'force-compression', flag),
    // GitHub's service throttles and breaks off: no reason for a build to fail that is not told to.
    ignoreError: readTruth(attributes, 'ignore-error', flag) ?? (type === 'gha' ? true : undefined),
    reset: readTruth(attributes, 'reset', flag),
  };
  if (truths.imageManifest && truths.ociMediaTypes === false) {
    throw usage(
      `${flag}: image-manifest=true and oci-mediatypes=false contradict each other`,
      'leave one of them out: Docker has no media type for the manifest of a cache',
    );
  }
  const maxAge = attributes.get('max-age');
  const maxSize = attributes.get('max-size');
  return {
    type: 'place',
    place: readPlace(type, attributes, { flag, env }),
    mode: choice(attributes, 'mode', ['min', 'max'] as const) ?? 'min',
    ...Object.fromEntries(Object.entries(truths).filter(([, truth]) => truth !== undefined)),
    ...readCompression(attributes),
    ...(maxAge === undefined ? {} : { maxAge: parseMilliseconds(maxAge, `${flag}: max-age`) }),
    ...(maxSize === undefined ? {} : { maxSize: parseSize(maxSize, `${flag}: max-size`) }),
  };
}

/** mode=min says what is done anyway. */
function checkInline(attributes: CacheAttributes): void {
  if (attributes.get('mode') === 'max') {
    throw new SlipwayError('ERR_UNSUPPORTED', '--cache-to type=inline,mode=max is not supported', {
      hint: 'an image has the layers of its own steps alone: use type=registry,ref=NAME,mode=max',
    });
  }
  checkAttributes(attributes, { flag: '--cache-to', type: 'inline', more: ['mode'] });
}

const compressions = ['gzip', 'zstd', 'uncompressed'] as const satisfies readonly Compression[];

function readCompression(attributes: CacheAttributes): {
  compression?: Compression;
  compressionLevel?: number;
} {
  const compression = choice(attributes, 'compression', compressions);
  const level = attributes.get('compression-level');
  if (level !== undefined && !/^\d{1,2}$/.test(level))
    throw usage(`--cache-to: compression-level is ${JSON.stringify(level)}`, 'compression-level=6');
  const most = compression === 'zstd' ? 22 : 9;
  if (level !== undefined && Number(level) > most)
    throw usage(`--cache-to: compression-level is ${level}`, `give a level from 0 to ${most}`);
  return {
    ...(compression === undefined ? {} : { compression }),
    ...(level === undefined ? {} : { compressionLevel: Number(level) }),
  };
}

function choice<T extends string>(
  attributes: CacheAttributes,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = attributes.get(name);
  if (value === undefined) return undefined;
  const found = choices.find((one) => one === value);
  if (found) return found;
  throw usage(`--cache-to: ${name} can't be ${JSON.stringify(value)}`, suggestionHint(value, choices));
}
