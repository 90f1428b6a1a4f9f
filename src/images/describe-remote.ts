// `imagetools inspect`: what a registry has under a name, document by document.
import { createRegistries } from '../build/registries.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { RemoteDescription } from '../image-request.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isIndex, type Manifest, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { RepositoryReader } from '../registry/mirrored-reader.ts';

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_IMAGE, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_DIGEST_MISMATCH */
export async function describeRemote(
  engine: EngineOptions,
  { name, configs }: { name: string; configs: boolean },
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<RemoteDescription> {
  const reference = parseReference(name);
  const full = formatReference(reference);
  const registries = createRegistries(engine);
  try {
    const reader = await registries.reader(`${reference.registry}/${reference.repository}`);
    const found = await reader.readManifest(reference.digest ?? reference.tag!, signal);
    if (!found) {
      throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${full} is not in the registry`, {
        hint: 'see what its repository has: slipway tags',
      });
    }
    const { bytes, digest } = found;
    const document = parseManifest(bytes, found.mediaType);
    const { mediaType } = document;
    const result: RemoteDescription = {
      name: full,
      descriptor: { mediaType, digest, size: bytes.length },
      bytes,
      manifests: isIndex(document) ? document.manifests : [],
      images: [],
    };
    if (!configs) return result;
    if (!isIndex(document)) {
      result.images.push({ platform: undefined, config: await readConfig(reader, document, signal) });
      return result;
    }
    for (const { digest: inner, platform } of document.manifests) {
      if (!platform || platform.os === 'unknown') continue;
      const child = await reader.readManifest(inner, signal);
      const manifest = child && parseManifest(child.bytes, child.mediaType);
      if (!manifest || isIndex(manifest)) continue;
      result.images.push({ platform, config: await readConfig(reader, manifest, signal) });
    }
    return result;
  } finally {
    await registries.close();
  }
}

async function readConfig(
  reader: RepositoryReader,
  { config }: Manifest,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const text = (await readBlob(reader, config, signal)).toString('utf8');
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new SlipwayError('ERR_BAD_IMAGE', `the configuration ${config.digest} is no JSON`, { cause });
  }
}

/** Of a config, which is small. @throws ERR_BAD_IMAGE */
export async function readBlob(
  reader: RepositoryReader,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<Buffer> {
  if (blob.size > manifestLimit)
    throw new SlipwayError('ERR_BAD_IMAGE', `the configuration ${blob.digest} has ${blob.size} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.openBlob(blob, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
