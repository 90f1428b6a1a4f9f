// --source-policy-file, and the variable by which BuildKit's own tools find theirs.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { BuildRequest } from '../../index.ts';
import type { Session } from '../session.ts';

/** Empty where there is none. @throws ERR_USAGE where it can't be read */
export function readSourcePolicy(
  flag: string | undefined,
  { env, cwd }: Pick<Session, 'env' | 'cwd'>,
): Pick<BuildRequest, 'sourcePolicy'> {
  const file = flag ?? env['EXPERIMENTAL_BUILDKIT_SOURCE_POLICY'];
  if (!file) return {};
  try {
    return { sourcePolicy: { file, text: readFileSync(resolve(cwd, file), 'utf8') } };
  } catch (cause) {
    const name = flag === undefined ? 'EXPERIMENTAL_BUILDKIT_SOURCE_POLICY' : '--source-policy-file';
    const code = systemCode(cause);
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? 'unknown error');
    throw new SlipwayError('ERR_USAGE', `${name}: can't read ${file}: ${why}`, {
      hint: 'paths start from the current folder',
      cause,
    });
  }
}
