// Images of registries as their documents: how far indexes are followed.
import { suite } from 'uvu';
import { readRemoteImage } from '../../src/images/remote-image.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { RepositoryReader } from '../../src/registry/mirrored-reader.ts';
import { rejects } from '../support/rejects.ts';
import { type Blob, blobOf, indexOf } from '../support/small-image.ts';

const test = suite('remote image');

test('a registry whose indexes list indexes without end is left', async () => {
  const known = new Map<string, Blob>();
  let asked = 0;
  const grow = (depth: number, name: string): Blob => {
    const entries = Array.from({ length: depth === 0 ? 0 : 25 }, (_, i) => grow(depth - 1, `${name}.${i}`));
    const { manifests } = JSON.parse(indexOf(entries.map((blob) => ({ blob }))).bytes.toString());
    const index = blobOf(mediaType.ociIndex, { schemaVersion: 2, manifests, annotations: { name } });
    known.set(index.digest, index);
    return index;
  };
  const top = grow(2, 'top');
  known.set('1', top);
  const remote: RepositoryReader = {
    name: 'registry.example.com/app',
    async readManifest(reference) {
      asked++;
      const { bytes, mediaType: type } = known.get(reference)!;
      return { bytes, mediaType: type, digest: digestOf(bytes) };
    },
    openBlob: () => {
      throw new Error('no blob is asked for');
    },
  };
  const { signal } = new AbortController();
  const reference = parseReference('registry.example.com/app:1');
  await rejects(
    readRemoteImage(remote, reference, { platform: undefined, signal }),
    'ERR_BAD_IMAGE',
    /lists too much/,
  );
  if (asked > 600) throw new Error(`${asked} documents were asked for`);
});

test.run();
