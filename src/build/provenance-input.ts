// What provenance says of a request: its parameters, where its files come from, and which image layers its steps made.
import type { Material } from '../attest/provenance.ts';
import { publicAddress } from '../attest/public-address.ts';
import { imagePurl, layoutPurl } from '../attest/purl.ts';
import { digestSet } from '../attest/statement.ts';
import type { BuildRequest } from '../build-request.ts';
import { contextKey } from '../graph/sources.ts';
import type { ImageOp, Vertex } from '../graph/vertex.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { Layer } from '../seams.ts';
import type { BuildDefinition } from './definition.ts';
import { buildArguments } from './plan-build.ts';
import type { ImageResolver } from './resolve-image.ts';

const isRemote = (address: string): boolean =>
  /^(https?|git|ssh):\/\/|^github\.com\/|^[\w.-]+@[\w.-]+:/i.test(address);
const isProxy = (name: string): boolean => /^(https?|ftp|no|all)_proxy$/i.test(name);

/** Named as BuildKit's frontend takes them. Paths of this machine and logins in URLs are left out. */
export function requestArgs(request: BuildRequest): Record<string, string> {
  const args: [string, string][] = [];
  for (const [name, value] of Object.entries(buildArguments(request)))
    args.push([`build-arg:${name}`, isProxy(name) ? publicAddress(value) : value]);
  for (const [name, value] of Object.entries(request.labels)) args.push([`label:${name}`, value]);
  for (const { name, value } of request.buildContexts) {
    const place = /^docker-image:/.test(value) || isRemote(value) ? publicAddress(value) : `local:${name}`;
    args.push([`context:${name}`, place]);
  }
  const { target, noCache, noCacheFilter, network, addHosts, shmSize, ulimits, resources } = request;
  if (target !== undefined) args.push(['target', target]);
  if (noCache || noCacheFilter.length > 0) args.push(['no-cache', noCacheFilter.join(',')]);
  if (network !== 'default') args.push(['force-network-mode', network]);
  if (addHosts.length > 0) args.push(['add-hosts', addHosts.join(',')]);
  if (shmSize !== undefined) args.push(['shm-size', String(shmSize)]);
  if (ulimits.length > 0)
    args.push(['ulimit', ulimits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`).join(',')]);
  for (const [key, value] of Object.entries(resources ?? {}))
    args.push([key === 'memorySwap' ? 'memswap' : key.toLowerCase(), `${value}`]);
  if (request.cgroupParent !== undefined) args.push(['cgroup-parent', request.cgroupParent]);
  return Object.fromEntries(args);
}

/** Names of contexts that are folders or streams of the client, as far as the graph reads them; with the Dockerfile's. */
export function localContexts(vertices: readonly Vertex[], request: BuildRequest): string[] {
  const isMainLocal = !isRemote(request.context);
  const names = vertices.flatMap(({ op }) => (op.type === 'context' ? [op.name] : []));
  const named = new Map(request.buildContexts.map(({ name, value }) => [contextKey(name), value]));
  const local = names.filter((name) =>
    name === '' ? isMainLocal : !isRemote(named.get(contextKey(name)) ?? ''),
  );
  const all = new Set(local.map((name) => (name === '' ? 'context' : name)));
  const file = request.dockerfile;
  if (file === '-' || (isMainLocal && !isRemote(file ?? ''))) all.add('dockerfile');
  return [...all].sort();
}

/** What steps call a context. */
export function contextSource(request: BuildRequest, definition: BuildDefinition): (name: string) => string {
  return (name) => {
    if (name === '') return isRemote(request.context) ? publicAddress(request.context) : 'local://context';
    const target = definition.contexts.get(contextKey(name))?.target;
    if (target?.kind === 'http') return publicAddress(target.url);
    return target?.kind === 'git' ? publicAddress(target.reference.remote) : `local://${name}`;
  };
}

/** The images that the graph uses, with the digests that their references stood for. */
export function imageMaterials(
  vertices: readonly Vertex[],
  images: ImageResolver,
  signal: AbortSignal,
): Promise<Material[]> {
  const ops = vertices.flatMap(({ op }) => (op.type === 'image' ? [op] : []));
  return Promise.all(
    ops.map(async (op) => {
      const { resolved } = await images.resolve(op, signal);
      return { uri: purlOf(op, resolved), digest: digestSet(resolved) };
    }),
  );
}

function purlOf({ origin, platform }: ImageOp, resolved: Digest): string {
  if (origin.kind === 'registry') return imagePurl(origin.reference, platform);
  const path = origin.reference.replace(/@.*$/, '').replace(/(?<=.):[^/]*$/, '');
  return layoutPurl(path.slice(path.lastIndexOf('/') + 1), resolved, platform);
}

/** Downloads that a cached step did not need to make: the Dockerfile says what they are. */
export function pinnedMaterials(vertices: readonly Vertex[]): Material[] {
  return vertices.flatMap(({ op }) =>
    op.type === 'http' && op.checksum !== undefined && isDigest(op.checksum)
      ? [{ uri: publicAddress(op.url), digest: digestSet(op.checksum) }]
      : [],
  );
}

/** Sorted by address, each with a digest once. */
export function sortMaterials(materials: readonly Material[]): Material[] {
  const all = new Map(materials.map((one) => [JSON.stringify(one), one]));
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** How many of the image's layers, lowest first, a vertex' result has; for those whose result the image goes through. */
export function layerCounts(
  target: Vertex | undefined,
  layers: readonly Layer[],
  hasRecord: (vertex: Vertex) => boolean,
): Map<string, number> {
  const counts = new Map<string, number>();
  let count = layers.length;
  for (let vertex = target; vertex !== undefined && count > 0; vertex = vertex.inputs[0]) {
    counts.set(vertex.id, count);
    if (vertex.op.type === 'image') return counts;
    if (hasRecord(vertex)) count--;
  }
  return counts;
}
