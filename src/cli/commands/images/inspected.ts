// What the commands that look into images share: how images are named, and numbers on the command line.
import { SlipwayError } from '../../../errors.ts';

export const imageForms: readonly string[] = [
  'NAME[:TAG], NAME@DIGEST, ID: of the local store',
  'docker-image://NAME: the same, and fetched from its registry where it is not here',
  'oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], oci:FOLDER[:NAME]: what was saved or exported; nothing of it is kept',
];

/** @throws ERR_USAGE */
export function readCount(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new SlipwayError('ERR_USAGE', `${flag} is a number, and not ${JSON.stringify(text)}`, {
    hint: `${flag}=5`,
  });
}
