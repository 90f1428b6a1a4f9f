// Reads the attestations of an OCI layout in a tar, and checks how they are stored. Shares no code with src/.
import { createReadStream } from 'node:fs';
import ssri from 'ssri';
import * as assert from 'uvu/assert';
import { readTar } from './oci-image.ts';

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string };
  annotations?: Record<string, string>;
}

export interface StatementJson {
  _type: string;
  predicateType: string;
  subject: { name: string; digest: Record<string, string> }[];
  predicate: Record<string, unknown>;
}

export interface StoredAttestation {
  /** Of the image that is spoken of. */
  platform: string;
  manifest: Record<string, unknown>;
  statements: StatementJson[];
}

export interface AttestedLayout {
  /** Of the index. */
  digest: string;
  images: Descriptor[];
  attestations: StoredAttestation[];
}

export async function readAttestations(tar: string): Promise<AttestedLayout> {
  const entries = await readTar(createReadStream(tar));
  const json = <T>(descriptor: Descriptor): T => {
    const content = entries.get(`blobs/sha256/${descriptor.digest.slice(7)}`)?.content;
    if (!content) throw new Error(`blob ${descriptor.digest} is missing`);
    const hex = ssri.fromData(content, { algorithms: ['sha256'] }).hexDigest();
    assert.equal([`sha256:${hex}`, content.length], [descriptor.digest, descriptor.size]);
    return JSON.parse(content.toString()) as T;
  };
  const layout = JSON.parse(entries.get('index.json')!.content.toString()) as { manifests: Descriptor[] };
  const index = json<{ manifests: Descriptor[] }>(layout.manifests[0]!);
  const isAttestation = ({ annotations }: Descriptor): boolean =>
    annotations?.['vnd.docker.reference.type'] === 'attestation-manifest';
  const images = index.manifests.filter((one) => !isAttestation(one));
  const attestations = index.manifests.filter(isAttestation).map((descriptor) => {
    assert.equal(descriptor.platform, { architecture: 'unknown', os: 'unknown' });
    const image = images.find(
      ({ digest }) => digest === descriptor.annotations?.['vnd.docker.reference.digest'],
    );
    if (!image) throw new Error('the attestation is of no image in the index');
    const manifest = json<{ config: Descriptor; layers: Descriptor[] }>(descriptor);
    const config = json<{ rootfs?: { diff_ids: string[] } }>(manifest.config);
    if (config.rootfs)
      assert.equal(
        config.rootfs.diff_ids,
        manifest.layers.map(({ digest }) => digest),
      );
    const statements = manifest.layers.map((layer) => {
      assert.is(layer.mediaType, 'application/vnd.in-toto+json');
      const statement = json<StatementJson>(layer);
      assert.is(statement.predicateType, layer.annotations?.['in-toto.io/predicate-type']);
      assert.is(statement._type, 'https://in-toto.io/Statement/v1');
      for (const { digest } of statement.subject) assert.is(`sha256:${digest['sha256']}`, image.digest);
      return statement;
    });
    return {
      platform: `${image.platform?.os}/${image.platform?.architecture}`,
      manifest: manifest as unknown as Record<string, unknown>,
      statements,
    };
  });
  return { digest: layout.manifests[0]!.digest, images, attestations };
}
