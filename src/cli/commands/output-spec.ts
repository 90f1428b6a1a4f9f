// The value of `--output`: where a result goes.
import { SlipwayError } from '../../errors.ts';
import type { OutputSpec } from '../../index.ts';
import { readPairs, splitCommaList } from '../comma-list.ts';
import { suggest, suggestionHint } from '../suggest.ts';

/** An output, and the image names that it asks for. */
export interface ParsedOutput {
  output: OutputSpec;
  names: string[];
}

const types = ['image', 'oci', 'docker', 'local', 'tar', 'cacheonly'] as const;
type OutputType = (typeof types)[number];

const attributes: Record<OutputType, readonly string[]> = {
  image: ['name'],
  oci: ['dest', 'tar', 'name'],
  docker: ['dest', 'name'],
  local: ['dest'],
  tar: ['dest'],
  cacheonly: [],
};

/** Attributes of BuildKit's exporters that are not supported, with the values that ask for what is done anyway. */
const known: Record<string, readonly string[]> = {
  push: ['false'],
  'push-by-digest': ['false'],
  store: ['true'],
  unpack: ['false'],
  'registry.insecure': ['false'],
  'name-canonical': ['false'],
  'dangling-name-prefix': [],
  'danging-name-empty-only': ['false'],
  compression: ['gzip'],
  'compression-level': [],
  'force-compression': ['false'],
  'oci-mediatypes': ['true'],
  'oci-artifact': [],
  'rewrite-timestamp': ['false'],
  'source-date-epoch': [],
  'attestation-inline': ['false'],
  'attestation-prefix': [],
  'prefer-nondist-layers': ['false'],
  'compatibility-version': [],
  'platform-split': [],
  mode: ['copy'],
  context: [],
};

const pushWay =
  'use type=oci,dest=image.tar and push that with a registry tool: skopeo copy oci-archive:image.tar docker://NAME';

/**
 * Reads `PATH` (a folder), `-` (a tar on standard output) or `type=…,key=value,…`.
 * @param tags names for outputs that give none.
 * @throws ERR_USAGE, ERR_UNSUPPORTED
 */
export function parseOutput(text: string, tags: readonly string[]): ParsedOutput {
  const fields = splitCommaList(text, '--output');
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type=')) {
    if (text === '') throw usage('--output needs a value', '--output=PATH or --output=type=oci,dest=PATH');
    return text === '-'
      ? { output: { type: 'tar', dest: '-' }, names: [] }
      : { output: { type: 'local', dest: text }, names: [] };
  }
  const pairs = readPairs(fields, '--output');
  const type = readType(pairs.find(([key]) => key === 'type')?.[1], text);
  const values = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (key === 'type') continue;
    checkAttribute(type, key, value);
    values.set(key, value);
  }
  const own = values
    .get('name')
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const names = own?.length ? own : [...tags];
  return { output: makeOutput(type, values, names), names: own ?? [] };
}

function readType(type: string | undefined, text: string): OutputType {
  if (type === undefined) {
    throw usage(
      `--output ${JSON.stringify(text)} has no type`,
      `type=oci,${text}; types: ${types.join(', ')}`,
    );
  }
  const found = types.find((one) => one === type.toLowerCase());
  if (found) return found;
  if (type.toLowerCase() === 'registry')
    throw unsupported('--output type=registry is not supported', pushWay);
  throw usage(`--output has no type ${JSON.stringify(type)}`, suggestionHint(type, types));
}

function checkAttribute(type: OutputType, key: string, value: string): void {
  if (attributes[type].includes(key)) return;
  const neutral = Object.hasOwn(known, key) ? known[key] : undefined;
  const annotation = /^annotation(-[a-z-]+)?(\[.*\])?\./.test(key);
  if (neutral || annotation) {
    if (neutral?.includes(value)) return;
    throw unsupported(
      `--output type=${type}: ${key}=${value} is not supported`,
      key === 'push' || key === 'push-by-digest'
        ? pushWay
        : annotation
          ? 'use --label for what may stand in the image config'
          : 'leave it out',
    );
  }
  const near = suggest(key, attributes[type]);
  const takes =
    attributes[type].length === 0 ? 'it takes nothing more' : `it takes ${attributes[type].join(', ')}`;
  throw usage(
    `--output type=${type} has no attribute ${JSON.stringify(key)}`,
    near === undefined ? takes : `did you mean ${near}?`,
  );
}

function makeOutput(type: OutputType, values: Map<string, string>, names: string[]): OutputSpec {
  const dest = values.get('dest');
  if (dest === '')
    throw usage(`--output type=${type}: dest is empty`, 'give a path, or - for standard output');
  switch (type) {
    case 'image':
    case 'cacheonly':
      return { type };
    case 'oci': {
      const tar = readTar(values.get('tar'));
      if (!tar && (dest === undefined || dest === '-')) {
        throw usage('--output type=oci,tar=false needs a folder', 'type=oci,tar=false,dest=FOLDER');
      }
      return { type, dest: dest ?? '-', tar, names };
    }
    case 'docker':
      // docker's own meaning of no dest is "load it where images are kept".
      return dest === undefined ? { type: 'image' } : { type, dest, names };
    case 'tar':
      return { type, dest: dest ?? '-' };
    case 'local':
      if (dest === undefined || dest === '-') {
        throw usage(
          '--output type=local needs a folder',
          'type=local,dest=FOLDER; a tar of the files is type=tar',
        );
      }
      return { type, dest };
  }
}

function readTar(value: string | undefined): boolean {
  if (value === undefined || value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw usage(`--output: tar is true or false, not ${JSON.stringify(value)}`, 'tar=false writes a folder');
}

function usage(message: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, { hint });
}

function unsupported(message: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_UNSUPPORTED', message, { hint });
}
