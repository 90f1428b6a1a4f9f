// The attributes that several types of --output take: how an image's layers and documents are made, where files go.
import { SlipwayError } from '../../errors.ts';
import type { FileOptions, ImageOptions } from '../../index.ts';
import { suggestionHint } from '../suggest.ts';
import { isAnnotationAttribute, parseAnnotationAttribute } from './annotation.ts';

/** Attributes by name, in the order in which they were given. */
export type Attributes = ReadonlyMap<string, string>;

export const imageAttributes = [
  'compression',
  'compression-level',
  'force-compression',
  'oci-mediatypes',
  'rewrite-timestamp',
  'source-date-epoch',
  'oci-artifact',
  'attestation-inline',
] as const;

export const fileAttributes = ['platform-split', 'source-date-epoch', 'attestation-prefix'] as const;

const compressions = ['gzip', 'zstd', 'estargz', 'uncompressed'] as const;

/** Undefined where nothing is asked for. @throws ERR_USAGE, ERR_PLATFORM */
export function readImageOptions(values: Attributes): ImageOptions | undefined {
  const annotations = [...values]
    .filter(([name]) => isAnnotationAttribute(name))
    .map(([name, value]) => parseAnnotationAttribute(name, value));
  return unlessEmpty({
    ...one('compression', readCompression(values.get('compression'))),
    ...one('compressionLevel', readNumber(values, 'compression-level')),
    ...one('forceCompression', readBoolean(values, 'force-compression')),
    ...one('ociMediaTypes', readBoolean(values, 'oci-mediatypes', true)),
    ...one('rewriteTimestamp', readBoolean(values, 'rewrite-timestamp')),
    ...one('epoch', readNumber(values, 'source-date-epoch')),
    ...one('ociArtifact', readBoolean(values, 'oci-artifact')),
    ...one('inlineAttestations', readBoolean(values, 'attestation-inline')),
    ...one('annotations', annotations.length > 0 ? annotations : undefined),
  });
}

/** Undefined where nothing is asked for. @throws ERR_USAGE */
export function readFileOptions(values: Attributes): FileOptions | undefined {
  return unlessEmpty({
    ...one('platformSplit', readBoolean(values, 'platform-split')),
    ...one('epoch', readNumber(values, 'source-date-epoch')),
    ...one('attestationPrefix', readPrefix(values.get('attestation-prefix'))),
  });
}

/** A part of a file's name. */
function readPrefix(value: string | undefined): string | undefined {
  if (value === undefined || value === '' || /^(?!\.\.?$)[^/\0]+$/.test(value)) return value || undefined;
  throw new SlipwayError('ERR_USAGE', `--output: attestation-prefix can't be ${JSON.stringify(value)}`, {
    hint: 'give the beginning of a file name, without slashes',
  });
}

/** Undefined where it is not given. @param empty what the name alone, with nothing behind its `=`, stands for. */
export function readBoolean(values: Attributes, name: string, empty?: boolean): boolean | undefined {
  const value = values.get(name);
  if (value === undefined) return undefined;
  if (value === '' && empty !== undefined) return empty;
  if (/^(true|t|1)$/i.test(value)) return true;
  if (/^(false|f|0)$/i.test(value)) return false;
  throw new SlipwayError('ERR_USAGE', `--output: ${name} is true or false, not ${JSON.stringify(value)}`, {
    hint: `${name}=true or ${name}=false`,
  });
}

function readNumber(values: Attributes, name: string): number | undefined {
  const value = values.get(name);
  // BuildKit, too, takes an empty one for none.
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,11}$/.test(value)) return Number(value);
  throw new SlipwayError('ERR_USAGE', `--output: ${name} is a whole number, not ${JSON.stringify(value)}`, {
    hint: name === 'source-date-epoch' ? 'give seconds since 1970, as `date +%s` prints them' : `${name}=6`,
  });
}

function readCompression(value: string | undefined): ImageOptions['compression'] {
  if (value === undefined) return undefined;
  const found = compressions.find((name) => name === value);
  if (found) return found;
  if (value === 'nydus') {
    throw new SlipwayError('ERR_UNSUPPORTED', 'compression=nydus is not supported: its layers are no tars', {
      hint: 'use compression=estargz for layers that are pulled lazily',
    });
  }
  throw new SlipwayError('ERR_USAGE', `--output: there is no compression ${JSON.stringify(value)}`, {
    hint: suggestionHint(value, compressions),
  });
}

function one<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]: V });
}

function unlessEmpty<T extends object>(options: T): T | undefined {
  return Object.keys(options).length > 0 ? options : undefined;
}
