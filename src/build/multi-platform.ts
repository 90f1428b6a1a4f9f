// Whether a build's result is one of several platforms: an index, or a folder for each.
import type { BuildRequest } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';

const name = 'BUILDKIT_MULTI_PLATFORM';

/** Where several are asked for, or by the build argument of BuildKit's frontend. @throws ERR_USAGE */
export function isMultiPlatform({
  platforms,
  buildArgs,
}: Pick<BuildRequest, 'platforms' | 'buildArgs'>): boolean {
  const isSeveral = platforms.length > 1;
  const value = buildArgs[name] ?? '';
  if (value === '') return isSeveral;
  if (!/^(?:[01tf]|true|false)$/i.test(value)) {
    throw new SlipwayError(
      'ERR_USAGE',
      `the build argument ${name} is true or false, not ${JSON.stringify(value)}`,
      {
        hint: `write ${name}=1`,
      },
    );
  }
  const isAsked = /^[1t]/i.test(value);
  if (isSeveral && !isAsked) {
    throw new SlipwayError(
      'ERR_USAGE',
      `${name}=${value}, and the build is for ${platforms.length} platforms`,
      {
        hint: 'leave it out, or ask for one --platform',
      },
    );
  }
  return isAsked;
}
