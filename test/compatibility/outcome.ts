// What came of a command line, and the reading of what it made.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OciImage, readOciImage } from '../support/oci-image.ts';

export interface Outcome {
  /** As the shell would see it. */
  code: number;
  error: unknown;
  stdout: Buffer;
  /** Progress and the report of an error. */
  stderr: string;
  /** Of the case. */
  folder: string;
  /** The image that was built, as an OCI layout. */
  image(platform?: string): Promise<OciImage>;
  /** Of the image that was built, as it is stored: for what readOciImage does not take. */
  blob(name: 'manifest' | 'config'): Promise<Record<string, unknown>>;
  json(path: string): Promise<Record<string, unknown>>;
}

export function createOutcome(
  folder: string,
  said: Pick<Outcome, 'code' | 'error' | 'stdout' | 'stderr'>,
): Outcome {
  const json = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8'));
  const blobAt = ({ digest }: { digest: string }) => json(`image/blobs/sha256/${digest.slice(7)}`);
  return {
    ...said,
    folder,
    image: (platform) => readOciImage(join(folder, 'image'), platform),
    async blob(name) {
      const manifest = await blobAt((await json('image/index.json')).manifests[0]);
      return name === 'manifest' ? manifest : blobAt(manifest.config);
    },
    json,
  };
}
