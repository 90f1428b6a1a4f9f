// The content store with documents searched for secrets before they are written: configs, manifests, attestations.
import type { BlobStore } from '../store/content-store.ts';
import type { SecretCheck } from './secret-guard.ts';

/** Layers come as streams, and are searched where they are packed, or before they go out. */
export function searchedStore(store: BlobStore, secrets: SecretCheck): BlobStore {
  return {
    ...store,
    async ingest(source, expected, signal) {
      if (Array.isArray(source))
        for (const bytes of source as Uint8Array[]) secrets.check(bytes, () => nameOf(bytes));
      return store.ingest(source, expected, signal);
    },
  };
}

/** What a document is, in words. */
function nameOf(bytes: Uint8Array): string {
  try {
    const document = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
    if (document['rootfs']) return "the image's config";
    if (document['predicateType']) return `the attestation ${document['predicateType']}`;
    if (document['manifests']) return "the image's index";
    if (document['layers']) return "the image's manifest";
  } catch {}
  return 'a document of the result';
}
