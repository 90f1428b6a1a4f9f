// The values of `--attest`, `--provenance` and `--sbom`, in the spelling of docker's own build.
import { SlipwayError } from '../../errors.ts';
import type { AttestationOptions, ProvenanceOptions } from '../../index.ts';
import { readPairs, splitCommaList } from '../comma-list.ts';
import { suggestionHint } from '../suggest.ts';

export interface AttestationFlags {
  /** Each `type=provenance,…` or `type=sbom,…`. */
  attest: readonly string[];
  /** true, false, or what stands after `type=provenance,`. */
  provenance: string | undefined;
  sbom: string | undefined;
}

interface Attribute {
  key: string;
  value: string;
  flag: string;
}

const types = ['provenance', 'sbom'] as const;
type AttestationType = (typeof types)[number];

const known: Record<AttestationType, readonly string[]> = {
  provenance: ['mode', 'version', 'builder-id', 'filename', 'reproducible', 'inline-only', 'disabled'],
  sbom: ['generator', 'disabled'],
};

/** Undefined where nothing is asked for. @throws ERR_USAGE, ERR_UNSUPPORTED */
export function readAttestations(flags: AttestationFlags): AttestationOptions | undefined {
  const given = new Map<AttestationType, Attribute[]>();
  const add = (type: AttestationType, attributes: Attribute[], flag: string): void => {
    if (given.has(type)) throw usage(`${flag}: ${type} is asked for twice`, 'give it once');
    given.set(type, attributes);
  };
  for (const text of flags.attest) {
    const pairs = readPairs(splitCommaList(text, '--attest'), '--attest');
    const attributes = pairs.map(([key, value]) => ({ key, value, flag: '--attest' }));
    const type = typeOf(attributes, text);
    add(
      type,
      attributes.filter(({ key }) => key !== 'type'),
      '--attest',
    );
  }
  for (const type of types) {
    const text = flags[type];
    if (text !== undefined && text !== '') add(type, shorthand(`--${type}`, text), `--${type}`);
  }
  const provenance = readType(given, 'provenance', readProvenance);
  const sbom = readType(given, 'sbom', readSbom);
  if (!provenance && !sbom) return undefined;
  return { ...(provenance ? { provenance } : {}), ...(sbom ? { sbom } : {}) };
}

function typeOf(attributes: readonly Attribute[], text: string): AttestationType {
  const type = attributes.find(({ key }) => key === 'type')?.value;
  if (type === undefined)
    throw usage(`--attest: ${JSON.stringify(text)} has no type`, `--attest type=provenance,${text}`);
  const found = types.find((one) => one === type);
  if (!found) throw usage(`--attest has no type ${JSON.stringify(type)}`, suggestionHint(type, types));
  return found;
}

/** `true`, `false`, or attributes. */
function shorthand(flag: string, text: string): Attribute[] {
  const isOn = truth(text);
  if (isOn !== undefined) return [{ key: 'disabled', value: String(!isOn), flag }];
  if (!text.includes('=')) {
    throw usage(
      `${flag} is true, false or a list of attributes, not ${JSON.stringify(text)}`,
      `${flag}=true`,
    );
  }
  return readPairs(splitCommaList(text, flag), flag).map(([key, value]) => ({ key, value, flag }));
}

function readType<T>(
  given: ReadonlyMap<AttestationType, Attribute[]>,
  type: AttestationType,
  read: (values: ReadonlyMap<string, Attribute>) => T,
): T | undefined {
  const attributes = given.get(type);
  if (!attributes) return undefined;
  for (const { key, flag } of attributes) {
    if (known[type].includes(key)) continue;
    throw usage(`${flag}: ${type} has no attribute ${JSON.stringify(key)}`, suggestionHint(key, known[type]));
  }
  const values = new Map(attributes.map((one) => [one.key, one]));
  return readTruth(values, 'disabled') ? undefined : read(values);
}

/** Without a mode the least is said: values of build arguments stay out. */
function readProvenance(values: ReadonlyMap<string, Attribute>): ProvenanceOptions {
  const builderID = values.get('builder-id')?.value;
  const filename = values.get('filename');
  if (filename && !/^[^/\0]*[^/.\0][^/\0]*$/.test(filename.value))
    throw usage(
      `${filename.flag}: filename is ${JSON.stringify(filename.value)}`,
      'give a name without slashes',
    );
  return {
    mode: choice(values, 'mode', ['min', 'max'] as const) ?? 'min',
    version: choice(values, 'version', ['v1', 'v0.2'] as const) ?? 'v1',
    ...(builderID ? { builderID } : {}),
    ...(filename ? { filename: filename.value } : {}),
    ...(readTruth(values, 'reproducible') ? { reproducible: true } : {}),
    ...(readTruth(values, 'inline-only') ? { inlineOnly: true } : {}),
  };
}

function readSbom(values: ReadonlyMap<string, Attribute>): true {
  const generator = values.get('generator');
  if (generator) {
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `${generator.flag}: generator=${generator.value} is not supported`,
      {
        hint: `leave it out: packages are found by the built-in scanner; or scan the image afterwards, written with --output=type=oci,dest=image.tar`,
      },
    );
  }
  return true;
}

function choice<T extends string>(
  values: ReadonlyMap<string, Attribute>,
  key: string,
  choices: readonly T[],
): T | undefined {
  const given = values.get(key);
  if (!given) return undefined;
  const found = choices.find((one) => one === given.value);
  if (found) return found;
  throw usage(
    `${given.flag}: ${key} can't be ${JSON.stringify(given.value)}`,
    choices.map((one) => `${key}=${one}`).join(' or '),
  );
}

function readTruth(values: ReadonlyMap<string, Attribute>, key: string): boolean {
  const given = values.get(key);
  if (!given) return false;
  const found = truth(given.value);
  if (found === undefined)
    throw usage(`${given.flag}: ${key} is true or false, not ${JSON.stringify(given.value)}`, `${key}=true`);
  return found;
}

function truth(text: string): boolean | undefined {
  if (/^(1|t|true)$/i.test(text)) return true;
  return /^(0|f|false)$/i.test(text) ? false : undefined;
}

function usage(message: string, hint: string | undefined): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, { hint });
}
