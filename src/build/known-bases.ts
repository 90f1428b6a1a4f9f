// What the local store knows of base images, for who only looks at Dockerfiles: no network, no waiting, no locks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ImageConfig, parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { hexOf } from '../oci/digest.ts';
import { matchPlatform, type Platform, parsePlatform } from '../oci/platform.ts';
import { createContentStore } from '../store/content-store.ts';
import { createImageStore } from '../store/image-store.ts';
import { createResolutionIndex } from '../store/resolution-index.ts';
import { createStoreRoot } from '../store/store-root.ts';

/** Configs of images by imageKey(op). */
export interface KnownBases {
  get(key: string): { config: ImageConfig } | undefined;
}

interface Document {
  config?: Descriptor;
  manifests?: (Descriptor & { platform?: Platform })[];
}

/** Images whose documents are missing or damaged are not known; nothing is thrown. @param root the state folder */
export function createKnownBases(root: string): KnownBases {
  const { blobs } = createStoreRoot(root);
  const resolutions = createResolutionIndex(root);
  const images = createImageStore(root, createContentStore(root));
  const known = new Map<string, { config: ImageConfig } | undefined>();
  const read = ({ digest }: Descriptor): Buffer => readFileSync(join(blobs, hexOf(digest)));
  const readDocument = (descriptor: Descriptor) => JSON.parse(read(descriptor).toString('utf8')) as Document;

  function manifestOf(top: Descriptor, platform: Platform): Document | undefined {
    const document = readDocument(top);
    if (document.manifests === undefined) return document;
    const members = document.manifests.flatMap((one) =>
      one.platform ? [{ ...one, platform: one.platform }] : [],
    );
    const member = matchPlatform(members, platform);
    return member && readDocument(member);
  }

  function find(key: string): { config: ImageConfig } | undefined {
    const [kind, reference, written] = key.split(' ');
    if (kind !== 'registry' || reference === undefined || written === undefined) return undefined;
    const platform = parsePlatform(written, { os: 'linux', architecture: 'amd64' });
    const top = images.resolve(reference) ?? resolutions.get(reference, platform)?.descriptor;
    const config = top && manifestOf(top, platform)?.config;
    return config && { config: parseConfig(read(config)) };
  }

  return {
    get(key) {
      if (known.has(key)) return known.get(key);
      let found: { config: ImageConfig } | undefined;
      try {
        found = find(key);
      } catch {
        // It was not pulled whole, or is of another version: a text can be linted without.
      }
      known.set(key, found);
      return found;
    },
  };
}
