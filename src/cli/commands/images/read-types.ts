// `--filter type=`: kinds of what takes up the disk.
import { SlipwayError } from '../../../errors.ts';
import type { UsageType } from '../../../index.ts';
import { suggestionHint } from '../../suggest.ts';
import { usageTypes } from './usage-types.ts';

/** BuildKit's names for some of them. */
const synonyms: Record<string, UsageType> = {
  regular: 'layer',
  'exec.cachemount': 'cachemount',
  'source.local': 'context',
  'source.git.checkout': 'git',
};

/** @throws ERR_USAGE */
export function readTypes(values: readonly string[] | undefined): UsageType[] | undefined {
  return values?.map((value) => {
    const type = Object.hasOwn(synonyms, value) ? synonyms[value]! : value;
    if (Object.hasOwn(usageTypes, type)) return type as UsageType;
    throw new SlipwayError('ERR_USAGE', `--filter type=${value}: there is no such type`, {
      hint: suggestionHint(value, Object.keys(usageTypes)),
    });
  });
}
