// A small document as it came, checked against the digest that it was asked for by.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';

/** @throws ERR_DIGEST_MISMATCH */
export function verified(bytes: Buffer, { digest }: Descriptor, where: string): Buffer {
  const actual = digestOf(bytes);
  if (actual === digest) return bytes;
  throw new SlipwayError('ERR_DIGEST_MISMATCH', `${digest} of ${where} is damaged: it is ${actual}`, {
    hint: 'export the cache anew',
  });
}
