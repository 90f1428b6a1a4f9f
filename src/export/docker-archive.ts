// What `docker load` reads beside the OCI layout: manifest.json, and repositories for what is older than that.
import type { Descriptor } from '../oci/descriptor.ts';
import { hexOf } from '../oci/digest.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import type { ExportedImage } from './image.ts';

const path = (blob: Descriptor): string => `blobs/sha256/${hexOf(blob.digest)}`;

export interface NamedImage {
  image: ExportedImage;
  names: readonly string[];
}

/** One entry for each platform. */
export function dockerDocuments(images: readonly NamedImage[]): [string, Buffer][] {
  const manifest = images.flatMap(({ image, names }) =>
    image.manifests.map(({ config, layers }) => ({
      Config: path(config),
      // Docker refuses an archive with a name that has no tag.
      RepoTags: names
        .map((name) => parseReference(name))
        .filter(({ tag }) => tag !== undefined)
        .map(familiarReference),
      Layers: layers.map(path),
    })),
  );
  return [
    ['manifest.json', Buffer.from(JSON.stringify(manifest))],
    ['repositories', Buffer.from(JSON.stringify(repositories(images)))],
  ];
}

/** Repository → tag → the top layer's digest. */
function repositories(images: readonly NamedImage[]): Record<string, Record<string, string>> {
  const result = new Map<string, Record<string, string>>();
  for (const { image, names } of images) {
    const top = image.manifests[0]?.layers.at(-1);
    for (const name of top ? names : []) {
      const { tag, digest: _digest, ...reference } = parseReference(name);
      if (tag === undefined) continue;
      const repository = familiarReference(reference);
      result.set(repository, { ...result.get(repository), [tag]: hexOf(top!.digest) });
    }
  }
  return Object.fromEntries(result);
}
