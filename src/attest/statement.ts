// in-toto statements (the in-toto attestation specification, v1): what is said, and of which files or images.
import { type DiffID, type Digest, hexOf } from '../oci/digest.ts';

export type DigestSet = Record<string, string>;

export interface Subject {
  /** A package URL of an image, a path, or `_` for what has no name. */
  name: string;
  digest: DigestSet;
}

/** What is said: the kind of document, and the document. */
export interface Claim {
  predicateType: string;
  predicate: object;
}

export interface Statement extends Claim {
  _type: 'https://in-toto.io/Statement/v1';
  subject: Subject[];
}

export const predicateType = {
  slsaV1: 'https://slsa.dev/provenance/v1',
  slsaV02: 'https://slsa.dev/provenance/v0.2',
  spdx: 'https://spdx.dev/Document',
} as const;

export function digestSet(digest: Digest | DiffID): DigestSet {
  return { sha256: hexOf(digest) };
}

export function makeStatement({ predicateType: type, predicate }: Claim, subject: Subject[]): Statement {
  return { _type: 'https://in-toto.io/Statement/v1', predicateType: type, subject, predicate };
}
