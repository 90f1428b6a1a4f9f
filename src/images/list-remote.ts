// What a registry lists: the tags of a repository, and its repositories, page by page (distribution-spec, content discovery).
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { parseReference } from '../oci/reference.ts';
import { connectRegistries } from '../registry/connect.ts';
import { readCatalog, readTags } from '../registry/listing.ts';

/** In the registry's order. @throws ERR_IMAGE_NOT_FOUND, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY */
export async function listTags(
  engine: EngineOptions,
  name: string,
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<string[]> {
  const { registry, repository } = parseReference(name);
  const client = connectRegistries({ env: engine.env, settings: engine.registry });
  try {
    return await readTags(client, { registry, repository }, signal);
  } finally {
    await client.transport.close();
  }
}

/** Repositories of a registry whose names hold the text. @throws ERR_UNSUPPORTED where it lists none, and as listTags */
export async function searchRegistry(
  engine: EngineOptions,
  request: { registry: string; text: string },
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<string[]> {
  if (request.registry === 'docker.io') {
    throw new SlipwayError('ERR_UNSUPPORTED', 'docker.io lists its repositories on its web site alone', {
      hint: 'name another registry: slipway search registry.example.com/TEXT',
    });
  }
  const client = connectRegistries({ env: engine.env, settings: engine.registry });
  try {
    const all = await readCatalog(client, request.registry, signal);
    return all.filter((name) => name.includes(request.text));
  } finally {
    await client.transport.close();
  }
}
