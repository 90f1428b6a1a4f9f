// Values of flags of `slipway run`: variables, files of variables, volumes, folders in memory.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { RunVolume } from '../../index.ts';
import type { Session } from '../session.ts';
import { parseSize } from './limits.ts';

type Variable = readonly [string, string | undefined];

const usage = (message: string, hint: string): SlipwayError =>
  new SlipwayError('ERR_USAGE', message, { hint });

/** `NAME=VALUE`; without `=` the value is that of the environment, and undefined where it has none. */
export function parseVariable(text: string, env: Session['env']): Variable {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (name === '') throw usage(`--env: ${JSON.stringify(text)} has no name`, '--env NAME=VALUE');
  return [name, equals < 0 ? env[name] : text.slice(equals + 1)];
}

/** Lines as for --env; empty ones and those that begin with `#` say nothing, and quotes are what they are. @throws ERR_USAGE */
export function readVariables(path: string, session: Pick<Session, 'cwd' | 'env'>): Variable[] {
  let text: string;
  try {
    text = readFileSync(resolve(session.cwd, path), 'utf8');
  } catch (cause) {
    throw new SlipwayError('ERR_USAGE', `--env-file: ${path} can't be read`, {
      hint: 'paths start from the current folder',
      cause,
    });
  }
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const variable = parseVariable(line, session.env);
      if (/\s/.test(variable[0])) {
        throw usage(`--env-file: ${path}: the name ${JSON.stringify(variable[0])} has a blank`, 'NAME=VALUE');
      }
      return line.includes('=') || variable[1] !== undefined ? [variable] : [];
    });
}

/** `SRC:DST[:ro|rw]`. @throws ERR_USAGE, ERR_UNSUPPORTED for volumes that are not folders of this machine */
export function parseVolume(text: string): RunVolume {
  const [source = '', target, mode, ...more] = text.split(':');
  if (target === undefined && source !== '') {
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `--volume ${text}: volumes without a source are not supported`,
      {
        hint: `use --tmpfs ${text} for an empty folder`,
      },
    );
  }
  if (!source || !target || more.length > 0) {
    throw usage(`--volume: ${JSON.stringify(text)} is not written SRC:DST[:ro]`, '--volume ./src:/src:ro');
  }
  if (!/^(\/|\.\.?(\/|$))/.test(source)) {
    throw new SlipwayError('ERR_UNSUPPORTED', `--volume: the named volume ${source} is not supported`, {
      hint: `for a folder of this machine write ./${source}:${target}`,
    });
  }
  if (mode !== undefined && mode !== 'ro' && mode !== 'rw') {
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `--volume: the option ${JSON.stringify(mode)} is not supported`,
      {
        hint: 'ro or rw',
      },
    );
  }
  return { source, target, readonly: mode === 'ro' };
}

/** Options that ask for what is so anyway. */
const granted = new Set(['', 'rw', 'nosuid', 'nodev', 'exec']);

/** `DIR[:size=SIZE]`. @throws ERR_USAGE, ERR_UNSUPPORTED for other options */
export function parseTmpfs(text: string): { target: string; size: number | undefined } {
  const colon = text.indexOf(':');
  const target = colon < 0 ? text : text.slice(0, colon);
  let size: number | undefined;
  for (const option of (colon < 0 ? '' : text.slice(colon + 1)).split(',')) {
    if (option.startsWith('size=')) size = parseSize(option.slice(5), '--tmpfs');
    else if (!granted.has(option)) {
      throw new SlipwayError('ERR_UNSUPPORTED', `--tmpfs: the option ${option} is not supported`, {
        hint: 'size=SIZE is; the mode is that of the folder it hides',
      });
    }
  }
  return { target, size };
}
