// The image configuration (config.md), with the fields that Docker adds to it (Healthcheck, OnBuild, Shell).
import { SlipwayError } from '../errors.ts';
import { type DiffID, isDigest } from './digest.ts';

/** Durations are nanoseconds. */
export interface Healthcheck {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

/** The `config` object: what a container of the image starts with. */
export interface ContainerConfig {
  User?: string;
  ExposedPorts?: Record<string, Record<string, never>>;
  Env?: string[];
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Volumes?: Record<string, Record<string, never>>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
  ArgsEscaped?: boolean;
  Healthcheck?: Healthcheck;
  OnBuild?: string[] | null;
  Shell?: string[];
}

export interface HistoryEntry {
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  empty_layer?: boolean;
}

export interface ImageConfig {
  created?: string;
  author?: string;
  architecture: string;
  variant?: string;
  os: string;
  'os.version'?: string;
  'os.features'?: string[];
  config?: ContainerConfig;
  rootfs: { type: 'layers'; diff_ids: DiffID[] };
  history?: HistoryEntry[];
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isRecord = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value);

const fieldTypes: Record<string, (value: unknown) => boolean> = {
  User: isText,
  WorkingDir: isText,
  StopSignal: isText,
  Env: isList,
  Entrypoint: isList,
  Cmd: isList,
  OnBuild: isList,
  Shell: isList,
  ExposedPorts: isRecord,
  Volumes: isRecord,
  Labels: (value) => isRecord(value) && Object.values(value as object).every(isText),
  Healthcheck: (value) => isHealthcheck(value),
};

/** Left out, null, or as `holds` has it. */
const isMaybe = (value: unknown, holds: (value: unknown) => boolean): boolean =>
  value === undefined || value === null || holds(value);

function isHistoryEntry(value: unknown): boolean {
  if (value === null || !isRecord(value)) return false;
  const { created, created_by, author, comment, empty_layer } = value as Record<string, unknown>;
  const texts = [created, created_by, author, comment];
  return (
    texts.every((text) => isMaybe(text, isText)) && isMaybe(empty_layer, (flag) => typeof flag === 'boolean')
  );
}

function isHistory(value: unknown): boolean {
  return isMaybe(value, (list) => Array.isArray(list) && list.every(isHistoryEntry));
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value);

function isHealthcheck(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { Test, Interval, Timeout, StartPeriod, StartInterval, Retries } = value as Record<string, unknown>;
  const counts = [Interval, Timeout, StartPeriod, StartInterval, Retries];
  return isMaybe(Test, isList) && counts.every((count) => isMaybe(count, isCount));
}

function isContainerConfig(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (!isRecord(value)) return false;
  const fields = value as Record<string, unknown>;
  return Object.entries(fieldTypes).every(([name, holds]) => isMaybe(fields[name], holds));
}

/** Without members that are null, which say nothing. */
function said<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as T;
}

/** @throws ERR_BAD_IMAGE where the bytes are no image configuration. */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  let value: ImageConfig;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8')) as ImageConfig;
  } catch (cause) {
    throw new SlipwayError('ERR_BAD_IMAGE', 'the image configuration is not JSON', { cause });
  }
  const ids = value?.rootfs?.diff_ids ?? [];
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    !Array.isArray(ids) ||
    !ids.every((id) => typeof id === 'string' && isDigest(id))
  ) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      'the image configuration has no sound list of layers (rootfs.diff_ids)',
    );
  }
  if (!isContainerConfig(value.config) || !isHistory(value.history)) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      'the image configuration has fields of another type than the spec says',
    );
  }
  const texts = [value.architecture ?? '', value.os ?? ''];
  const others = [value.variant, value['os.version'], value.created, value.author];
  if (!texts.every(isText) || !others.every((text) => isMaybe(text, isText))) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      'the image configuration names no platform, time or author that is a text',
    );
  }
  return {
    ...said(value),
    ...(value.history ? { history: value.history.map(said) } : {}),
    architecture: texts[0] || 'amd64',
    os: texts[1] || 'linux',
    rootfs: { type: 'layers', diff_ids: ids },
  };
}
