// Flags of buildah and kaniko that change the image after its steps are done.
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest, ImageChanges } from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import type { BuildFlagName } from './build-flags.ts';

/** Empty where nothing is asked for. @throws ERR_USAGE */
export function readImageChanges(given: Arguments<BuildFlagName>): Pick<BuildRequest, 'changes'> {
  const changes: ImageChanges = { ...readSquash(given) };
  return Object.keys(changes).length > 0 ? { changes } : {};
}

function readSquash({ booleans }: Arguments<BuildFlagName>): Pick<ImageChanges, 'squash'> {
  const own = booleans.squash || booleans['single-snapshot'];
  const all = booleans['squash-all'];
  if (own && all)
    throw new SlipwayError('ERR_USAGE', '--squash keeps the base image, and --squash-all does not', {
      hint: 'leave out one of them',
    });
  return all ? { squash: 'all' } : own ? { squash: 'own' } : {};
}
