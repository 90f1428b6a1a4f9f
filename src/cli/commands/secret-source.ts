// The value of `--secret`: where the bytes of a secret are.
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest, SecretSource } from '../../index.ts';
import { readPairs, splitCommaList } from '../comma-list.ts';
import { suggestionHint } from '../suggest.ts';

const keys = ['id', 'src', 'source', 'env', 'type'];

/**
 * Reads `id=ID[,src=PATH|,env=NAME][,type=file|env]`. With neither: the variable named like the id, else such a file.
 * @throws ERR_USAGE
 */
export function parseSecret(text: string, env: Record<string, string | undefined>): SecretSource {
  const values: Record<string, string> = {};
  for (const [key, value] of readPairs(splitCommaList(text, '--secret'), '--secret')) {
    if (!keys.includes(key)) {
      throw new SlipwayError('ERR_USAGE', `--secret has no attribute ${JSON.stringify(key)}`, {
        hint: suggestionHint(key, keys),
      });
    }
    values[key === 'source' ? 'src' : key] = value;
  }
  const { id, src, env: name, type } = values;
  if (!id) throw usage(`--secret ${JSON.stringify(text)} has no id`);
  if (type !== undefined && type !== 'file' && type !== 'env') {
    throw usage(`--secret ${id}: the type is file or env, not ${JSON.stringify(type)}`);
  }
  if (src && name) throw usage(`--secret ${id} has both src and env`);
  if (type === 'file' && name) throw usage(`--secret ${id} is a file and has env`);
  if (name) return { id, type: 'env', name };
  if (type === 'env') return { id, type: 'env', name: src || id };
  if (src) return { id, type: 'file', path: src };
  return type === undefined && env[id] !== undefined
    ? { id, type: 'env', name: id }
    : { id, type: 'file', path: id };
}

function usage(message: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, {
    hint: '--secret id=ID,src=PATH or --secret id=ID,env=NAME',
  });
}

/** `--secret-check`, else SLIPWAY_SECRET_CHECK. */
export function readSecretCheck(
  flag: string | undefined,
  env: Record<string, string | undefined>,
): Pick<BuildRequest, 'secretCheck'> {
  const mode = flag ?? env['SLIPWAY_SECRET_CHECK'];
  if (mode === undefined || mode === '') return {};
  if (mode === 'error' || mode === 'warn' || mode === 'off') return { secretCheck: mode };
  throw new SlipwayError('ERR_USAGE', `SLIPWAY_SECRET_CHECK is ${JSON.stringify(mode)}`, {
    hint: 'it is error, warn or off',
  });
}
