// Flags of buildah and kaniko that change the image after its steps are done.
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest, ImageChanges } from '../../index.ts';
import type { Arguments } from '../arguments.ts';
import type { BuildFlagName } from './build-flags.ts';

type BuildArguments = Arguments<BuildFlagName>;

/** Empty where nothing is asked for. @throws ERR_USAGE */
export function readImageChanges(given: BuildArguments): Pick<BuildRequest, 'changes'> {
  const { lists, booleans } = given;
  // A label that is given, too, is there to stay.
  const labels = (lists.label ?? []).map((text) => text.replace(/=.*$/s, ''));
  const unset = (lists.unsetlabel ?? []).filter((key) => !labels.includes(key));
  const changes: ImageChanges = {
    ...readSquash(given),
    ...(booleans['omit-history'] ? { omitHistory: true } : {}),
    ...(lists.unsetenv ? { unsetEnv: lists.unsetenv } : {}),
    ...(unset.length > 0 ? { unsetLabels: unset } : {}),
  };
  return Object.keys(changes).length > 0 ? { changes } : {};
}

function readSquash({ booleans }: BuildArguments): Pick<ImageChanges, 'squash'> {
  const own = booleans.squash || booleans['single-snapshot'];
  const all = booleans['squash-all'];
  if (own && all)
    throw new SlipwayError('ERR_USAGE', '--squash keeps the base image, and --squash-all does not', {
      hint: 'leave out one of them',
    });
  return all ? { squash: 'all' } : own ? { squash: 'own' } : {};
}
