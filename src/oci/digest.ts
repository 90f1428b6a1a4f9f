// Digests as the OCI image spec spells them (descriptor.md#digests), branded so that swapping them does not compile.
import { createHash, type Hash, hash } from 'node:crypto';
import { SlipwayError } from '../errors.ts';

declare const kind: unique symbol;
/** `sha256:<64 hex>` of stored bytes, whatever their form. */
export type Digest = `sha256:${string}` & { readonly [kind]?: 'digest' };
/** `sha256:<64 hex>` of a layer's uncompressed tar (config.md#layer-diffid). */
export type DiffID = `sha256:${string}` & { readonly [kind]: 'diffID' };
/** `sha256:<64 hex>` of a stack of layers (config.md#layer-chainid). */
export type ChainID = `sha256:${string}` & { readonly [kind]: 'chainID' };

const form = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return form.test(text);
}

/** @throws ERR_BAD_REFERENCE where `text` is no sha256 digest. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new SlipwayError('ERR_BAD_REFERENCE', `${JSON.stringify(text)} is no sha256 digest`, {
    hint: 'a digest is "sha256:" and 64 hexadecimal digits',
  });
}

export function digestOf(data: string | Uint8Array): Digest {
  return `sha256:${hash('sha256', data)}` as Digest;
}

/** The digest of what a running hash has been fed; the hash can't be used after it. */
export function finishDigest(hash: Hash): Digest {
  return `sha256:${hash.digest('hex')}` as Digest;
}

export function newHash(): Hash {
  return createHash('sha256');
}

/** The hex digits without the algorithm. */
export function hexOf(digest: Digest | DiffID | ChainID): string {
  return digest.slice('sha256:'.length);
}

/** The digest of a JSON value's compact text: keys must already be in a fixed order. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(JSON.stringify(value));
}
