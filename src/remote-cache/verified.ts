// What came from a shared cache, checked against the digest that it was asked for by.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf, finishDigest, newHash } from '../oci/digest.ts';

/** A small document. @throws ERR_DIGEST_MISMATCH */
export function verified(bytes: Buffer, descriptor: Descriptor, where: string): Buffer {
  check(digestOf(bytes), descriptor, where);
  return bytes;
}

/** The same bytes; the stream ends with ERR_DIGEST_MISMATCH where they are others. */
export async function* verifying(
  source: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  where: string,
): AsyncGenerator<Uint8Array> {
  const hash = newHash();
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  check(finishDigest(hash), descriptor, where);
}

function check(actual: string, { digest }: Descriptor, where: string): void {
  if (actual === digest) return;
  throw new SlipwayError('ERR_DIGEST_MISMATCH', `${digest} of ${where} is damaged: it is ${actual}`, {
    hint: 'export the cache anew',
  });
}
