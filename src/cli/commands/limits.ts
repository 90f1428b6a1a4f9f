// Values of flags that are sizes and limits: `--shm-size`, `--ulimit`, `--jobs`.
import { SlipwayError } from '../../errors.ts';
import { suggestionHint } from '../suggest.ts';

const limitNames = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** Bytes of `1024`, `64m`, `1.5g`, `256MiB`: a unit is a power of 1024, as docker has it. @throws ERR_USAGE */
export function parseSize(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text);
  const size = match
    ? Math.floor(Number(match[1]) * 1024 ** ' kmgtp'.indexOf(match[2]!.toLowerCase() || ' '))
    : 0;
  if (!match || !Number.isSafeInteger(size)) {
    throw new SlipwayError('ERR_USAGE', `${flag}: ${JSON.stringify(text)} is no size`, {
      hint: 'a number of bytes, or one with a unit: 512k, 64m, 1g',
    });
  }
  return size;
}

/** Reads `name=soft[:hard]`; -1 is no limit. @throws ERR_USAGE */
export function parseUlimit(text: string): { name: string; soft: number; hard: number } {
  const [, name, soft, hard = soft] = /^([^=]*)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  const named = name ?? text.split('=', 1)[0]!;
  if (!limitNames.includes(named)) {
    throw new SlipwayError('ERR_USAGE', `--ulimit: there is no limit ${JSON.stringify(named)}`, {
      hint: suggestionHint(named, limitNames),
    });
  }
  const limit = { name: named, soft: Number(soft), hard: Number(hard) };
  if (name === undefined || limit.soft < -1 || limit.hard < -1) {
    throw new SlipwayError('ERR_USAGE', `--ulimit: ${JSON.stringify(text)} is not written NAME=SOFT[:HARD]`, {
      hint: `--ulimit ${named}=1024:4096, or -1 for no limit`,
    });
  }
  if (limit.hard !== -1 && (limit.soft === -1 || limit.soft > limit.hard)) {
    throw new SlipwayError('ERR_USAGE', `--ulimit ${text}: the soft limit is above the hard one`);
  }
  return limit;
}

/** A whole number of at least 1. @throws ERR_USAGE */
export function parseJobs(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new SlipwayError('ERR_USAGE', `--jobs: ${JSON.stringify(text)} is no number of jobs`, {
      hint: '--jobs 4',
    });
  }
  return Number(text);
}
