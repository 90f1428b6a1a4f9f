// The value of `--output`: where a result goes.
import { SlipwayError } from '../../errors.ts';
import type { OutputSpec } from '../../index.ts';
import { nearest } from '../../nearest.ts';
import { splitCommaList } from '../comma-list.ts';
import { suggestionHint } from '../suggest.ts';
import { isAnnotationAttribute } from './annotation.ts';
import {
  type Attributes,
  fileAttributes,
  imageAttributes,
  readBoolean,
  readFileOptions,
  readImageOptions,
} from './output-options.ts';

/** An output, and the image names that it asks for. */
export interface ParsedOutput {
  output: OutputSpec;
  names: string[];
}

const types = ['image', 'registry', 'oci', 'docker', 'local', 'tar', 'cacheonly'] as const;
type OutputType = (typeof types)[number];

// BuildKit spells the last one so.
const pushAttributes = [
  ...['push-by-digest', 'registry.insecure', 'name-canonical'],
  ...['dangling-name-prefix', 'danging-name-empty-only'],
] as const;

const attributes: Record<OutputType, readonly string[]> = {
  image: ['name', 'unpack', 'store', 'push', ...pushAttributes, ...imageAttributes],
  registry: ['name', 'unpack', 'store', 'push', ...pushAttributes, ...imageAttributes],
  oci: ['dest', 'tar', 'name', ...imageAttributes],
  docker: ['dest', 'tar', 'name', ...imageAttributes],
  local: ['dest', 'mode', ...fileAttributes],
  tar: ['dest', ...fileAttributes],
  cacheonly: [],
};

/** Types whose result is an image, which can be annotated. */
const imageTypes: readonly OutputType[] = ['image', 'registry', 'oci', 'docker'];

/** Attributes of BuildKit's exporters that are not supported, with the values that ask for what is done anyway. */
const known: Record<string, readonly string[]> = {
  push: ['false'],
  'push-by-digest': ['false'],
  'registry.insecure': ['false'],
  'name-canonical': ['false'],
  'dangling-name-prefix': [],
  'danging-name-empty-only': ['false'],
  'prefer-nondist-layers': ['false'],
  'compatibility-version': [],
  context: [],
};

/**
 * Reads `PATH` (a folder), `-` (a tar on standard output) or `type=…,key=value,…`.
 * @param tags names for outputs that give none.
 * @param push `--push`: images go to registries, whatever `push=` says.
 * @throws ERR_USAGE, ERR_UNSUPPORTED
 */
export function parseOutput(text: string, tags: readonly string[], push = false): ParsedOutput {
  const fields = splitCommaList(text, '--output');
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type=')) {
    if (text === '') throw usage('--output needs a value', '--output=PATH or --output=type=oci,dest=PATH');
    return text === '-'
      ? { output: { type: 'tar', dest: '-' }, names: [] }
      : { output: { type: 'local', dest: text }, names: [] };
  }
  const pairs = fields.map(readPair);
  const type = readType(pairs.find(([key]) => key === 'type')?.[1], text);
  const values = new Map<string, string>();
  const own: string[] = [];
  for (const [key, value] of pairs) {
    if (key === 'type') continue;
    checkAttribute(type, key, value);
    values.set(key, value);
    if (key === 'name') own.push(...value.split(',').map((name) => name.trim()));
  }
  if (push && (type === 'image' || type === 'registry')) values.set('push', 'true');
  const names = own.filter((name) => name !== '');
  const output = makeOutput(type, values, names.length > 0 ? names : [...tags]);
  // What has no tag is no name for this machine's store.
  const isNamed = output.type !== 'image' || !output.push?.byDigest;
  return { output, names: isNamed ? names : [] };
}

/** Names of attributes are in lower case; an annotation's own key is left as it is. */
function readPair(field: string): [string, string] {
  const equals = field.indexOf('=');
  if (equals < 1)
    throw usage(`--output: ${JSON.stringify(field)} is not written key=value`, 'type=oci,dest=PATH');
  const key = field.slice(0, equals).trim();
  const [name = ''] = /^[^.]*/.exec(key)!;
  const lower = isAnnotationAttribute(key.toLowerCase())
    ? name.toLowerCase() + key.slice(name.length)
    : key.toLowerCase();
  return [lower, field.slice(equals + 1)];
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
  throw usage(`--output has no type ${JSON.stringify(type)}`, suggestionHint(type, types));
}

function checkAttribute(type: OutputType, key: string, value: string): void {
  if (attributes[type].includes(key)) return;
  if (isAnnotationAttribute(key) && imageTypes.includes(type)) return;
  const neutral = Object.hasOwn(known, key) ? known[key] : undefined;
  if (neutral) {
    if (neutral.includes(value)) return;
    const isPush = key === 'push' || key === 'push-by-digest';
    const way = isPush ? 'use type=image or type=registry, which push' : 'leave it out';
    throw unsupported(`--output type=${type}: ${key}=${value} is not supported`, way);
  }
  const near = nearest(key, attributes[type]);
  const takes =
    attributes[type].length === 0 ? 'it takes nothing more' : `it takes ${attributes[type].join(', ')}`;
  throw usage(
    `--output type=${type} has no attribute ${JSON.stringify(key)}`,
    near === undefined ? takes : `did you mean ${near}?`,
  );
}

function makeOutput(type: OutputType, values: Attributes, names: string[]): OutputSpec {
  const dest = values.get('dest');
  if (dest === '')
    throw usage(`--output type=${type}: dest is empty`, 'give a path, or - for standard output');
  switch (type) {
    case 'cacheonly':
      return { type };
    case 'image':
    case 'registry':
      return imageOutput(values, names, type === 'registry');
    case 'oci':
    case 'docker': {
      const tar = readBoolean(values, 'tar', true) ?? true;
      if (!tar && (dest === undefined || dest === '-')) {
        throw usage(`--output type=${type},tar=false needs a folder`, `type=${type},tar=false,dest=FOLDER`);
      }
      // docker's own meaning of no dest is "load it where images are kept".
      if (type === 'docker' && dest === undefined) return imageOutput(values, names, false);
      const options = readImageOptions(values);
      return { type, dest: dest ?? '-', tar, names, ...(options ? { options } : {}) };
    }
    case 'tar': {
      const options = readFileOptions(values);
      return { type, dest: dest ?? '-', ...(options ? { options } : {}) };
    }
    case 'local':
      return localOutput(dest, values);
  }
}

/** @param toRegistry where nothing else is said, it is pushed, and leaves no name here */
function imageOutput(values: Attributes, names: string[], toRegistry: boolean): OutputSpec {
  const unpack = readBoolean(values, 'unpack', true);
  const store = readBoolean(values, 'store', true) ?? !toRegistry;
  const options = readImageOptions(values);
  const byDigest = readBoolean(values, 'push-by-digest', true);
  const insecure = readBoolean(values, 'registry.insecure', true);
  const canonicalNames = readBoolean(values, 'name-canonical', true);
  const isNamed = readBoolean(values, 'danging-name-empty-only', true) === true && names.length > 0;
  const danglingPrefix = isNamed ? undefined : values.get('dangling-name-prefix');
  const isPushed = readBoolean(values, 'push', true) ?? toRegistry;
  const push = { names, ...(byDigest ? { byDigest } : {}), ...(insecure ? { insecure } : {}) };
  return {
    type: 'image',
    ...(unpack ? { unpack } : {}),
    ...(store === false ? { store } : {}),
    ...(canonicalNames ? { canonicalNames } : {}),
    ...(danglingPrefix ? { danglingPrefix } : {}),
    ...(isPushed ? { push } : {}),
    ...(options ? { options } : {}),
  };
}

function localOutput(dest: string | undefined, values: Attributes): OutputSpec {
  if (dest === undefined || dest === '-') {
    throw usage(
      '--output type=local needs a folder',
      'type=local,dest=FOLDER; a tar of the files is type=tar',
    );
  }
  const mode = values.get('mode') ?? 'copy';
  if (mode !== 'copy' && mode !== 'delete') {
    throw usage(`--output type=local has no mode ${JSON.stringify(mode)}`, 'mode=copy or mode=delete');
  }
  const options = readFileOptions(values);
  return {
    type: 'local',
    dest,
    ...(mode === 'delete' ? { clean: true } : {}),
    ...(options ? { options } : {}),
  };
}

function usage(message: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, { hint });
}

function unsupported(message: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_UNSUPPORTED', message, { hint });
}
