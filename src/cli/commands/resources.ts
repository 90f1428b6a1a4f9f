// Values of flags that limit what steps use: `--resource` of build, `--memory`, `--cpus` and their like of run.
import { SlipwayError } from '../../errors.ts';
import type { Resources } from '../../index.ts';
import { suggestionHint } from '../suggest.ts';
import { parseSize } from './limits.ts';

type Read = (value: string, flag: string) => Resources;

function wrong(flag: string, value: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', `${flag}: ${JSON.stringify(value)} can't be meant`, { hint });
}

function whole(value: string, flag: string, range: { least: number; most: number }): number {
  const number = /^\d+$/.test(value) ? Number(value) : -1;
  if (number >= range.least && number <= range.most) return number;
  throw wrong(flag, value, `a whole number from ${range.least} to ${range.most}`);
}

function list(value: string, flag: string): string {
  if (/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value)) return value;
  throw wrong(flag, value, 'numbers and ranges: 0-3,5');
}

/** The keys of `--resource`, named as docker's. Of docker's numbers 0 is no limit. */
const readers: Record<string, Read> = {
  memory(value, flag) {
    const memory = parseSize(value, flag);
    // Docker's own least, too: a shell barely starts with less.
    if (memory !== 0 && memory < 6 << 20) throw wrong(flag, value, 'at least 6m');
    return memory === 0 ? {} : { memory };
  },
  'memory-swap'(value, flag) {
    const memorySwap = value === '-1' ? -1 : parseSize(value, flag);
    return memorySwap === 0 ? {} : { memorySwap };
  },
  'cpu-shares'(value, flag) {
    const cpuShares = whole(value, flag, { least: 0, most: 262144 });
    return cpuShares === 0 ? {} : { cpuShares };
  },
  'cpu-period'(value, flag) {
    if (value === '0') return {};
    return { cpuPeriod: whole(value, flag, { least: 1000, most: 1_000_000 }) };
  },
  'cpu-quota'(value, flag) {
    if (value === '0' || value === '-1') return {};
    return { cpuQuota: whole(value, flag, { least: 1000, most: Number.MAX_SAFE_INTEGER }) };
  },
  'cpuset-cpus': (value, flag) => ({ cpusetCpus: list(value, flag) }),
  'cpuset-mems': (value, flag) => ({ cpusetMems: list(value, flag) }),
};

/** Flags of run besides; names are those of docker run. */
const runReaders: Record<string, Read> = {
  ...readers,
  cpus(value, flag) {
    const cpus = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
    if (value === '0') return {};
    if (cpus < 0.01 || cpus > 10_000) throw wrong(flag, value, 'a number of CPUs: 1.5');
    return { cpuPeriod: 100_000, cpuQuota: Math.round(cpus * 100_000) };
  },
  'pids-limit'(value, flag) {
    if (value === '0' || value === '-1') return {};
    return { pids: whole(value, flag, { least: 1, most: 4_194_304 }) };
  },
};

function checked(resources: Resources, flag: (key: string) => string): Resources {
  const { memory, memorySwap } = resources;
  if (memorySwap === undefined) return resources;
  if (memory === undefined) {
    throw new SlipwayError('ERR_USAGE', `${flag('memory-swap')} needs ${flag('memory')} besides`, {
      hint: 'it is memory and swap together: memory=1g, memory-swap=2g',
    });
  }
  if (memorySwap !== -1 && memorySwap < memory) {
    throw new SlipwayError('ERR_USAGE', `${flag('memory-swap')} is below ${flag('memory')}`, {
      hint: 'it is memory and swap together: memory=1g, memory-swap=2g',
    });
  }
  return resources;
}

/**
 * Reads `KEY=VALUE[,KEY=VALUE…]`, repeated; the last value of a key counts. A list of CPUs may hold commas.
 * @throws ERR_USAGE
 */
export function parseResources(texts: readonly string[]): Resources {
  const resources: Resources = {};
  for (const field of texts.flatMap((text) => text.split(/,(?=\s*[a-z-]+\s*=)/))) {
    const [, key = '', value] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/s.exec(field) ?? [];
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (value === undefined) {
      throw new SlipwayError('ERR_USAGE', `--resource: ${JSON.stringify(field)} is not written KEY=VALUE`, {
        hint: '--resource memory=2g --resource cpu-quota=50000',
      });
    }
    if (!read) {
      throw new SlipwayError('ERR_USAGE', `--resource: there is no resource ${JSON.stringify(key)}`, {
        hint: suggestionHint(key, Object.keys(readers)),
      });
    }
    Object.assign(resources, read(value, `--resource ${key}`));
  }
  return checked(resources, (key) => `--resource ${key}`);
}

/** @param texts the values of flags, by name; others are left alone. @throws ERR_USAGE */
export function parseRunLimits(texts: Readonly<Record<string, string | undefined>>): Resources {
  const resources: Resources = {};
  if (texts['cpus'] !== undefined && (texts['cpu-quota'] ?? texts['cpu-period']) !== undefined) {
    throw new SlipwayError('ERR_USAGE', '--cpus sets the quota and the period', {
      hint: 'give --cpus, or --cpu-quota and --cpu-period',
    });
  }
  for (const [key, read] of Object.entries(runReaders)) {
    const value = texts[key];
    if (value !== undefined) Object.assign(resources, read(value, `--${key}`));
  }
  return checked(resources, (key) => `--${key}`);
}

/** The part of a request that limits are; what was not given is left out. */
export function limits(
  resources: Resources,
  cgroupParent: string | undefined,
): { resources?: Resources; cgroupParent?: string } {
  return { ...(Object.keys(resources).length > 0 && { resources }), ...(cgroupParent && { cgroupParent }) };
}
