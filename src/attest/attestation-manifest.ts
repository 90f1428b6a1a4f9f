// How attestations are stored beside an image (BuildKit's attestation-storage.md): a manifest whose layers are statements.
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { Statement } from './statement.ts';

/** A document to be stored, with what describes it. */
export interface StoredDocument {
  descriptor: Descriptor;
  bytes: Buffer;
}

export interface AttestationManifest {
  /** As the index lists it. */
  descriptor: Descriptor;
  config: Descriptor;
  layers: Descriptor[];
  /** All of the above as bytes, the manifest last. */
  documents: StoredDocument[];
}

export interface AttestationStorage {
  /** The image manifest that is spoken of. */
  image: Descriptor;
  manifestType: string;
  configType: string;
  /** An OCI artifact with a subject, in place of an image of nothing. */
  artifact: boolean;
}

const inTotoType = 'application/vnd.in-toto+json';
const artifactType = 'application/vnd.docker.attestation.manifest.v1+json';
const emptyType = 'application/vnd.oci.empty.v1+json';

function document(value: object, type: string, annotations?: Record<string, string>): StoredDocument {
  const bytes = encodeJson(value);
  const descriptor = { mediaType: type, digest: digestOf(bytes), size: bytes.length };
  return { bytes, descriptor: annotations ? { ...descriptor, annotations } : descriptor };
}

/** So that no runtime takes it for an image, the descriptor's platform is unknown/unknown. */
export function attestationManifest(
  statements: readonly Statement[],
  { image, manifestType, configType, artifact }: AttestationStorage,
): AttestationManifest {
  const layers = statements.map((statement) =>
    document(statement, inTotoType, { 'in-toto.io/predicate-type': statement.predicateType }),
  );
  const config = artifact ? document({}, emptyType) : document(imageConfig(layers), configType);
  const type = artifact ? mediaType.ociManifest : manifestType;
  const { mediaType: imageType, digest, size } = image;
  const manifest = document(
    {
      schemaVersion: 2,
      mediaType: type,
      ...(artifact ? { artifactType } : {}),
      config: artifact ? { ...config.descriptor, data: config.bytes.toString('base64') } : config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      ...(artifact ? { subject: { mediaType: imageType, digest, size } } : {}),
    },
    type,
    { 'vnd.docker.reference.digest': digest, 'vnd.docker.reference.type': 'attestation-manifest' },
  );
  return {
    descriptor: { ...manifest.descriptor, platform: { architecture: 'unknown', os: 'unknown' } },
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    documents: [...layers, config, manifest],
  };
}

function imageConfig(layers: readonly StoredDocument[]): object {
  const ids: Digest[] = layers.map(({ descriptor }) => descriptor.digest);
  return {
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: ids },
  };
}
