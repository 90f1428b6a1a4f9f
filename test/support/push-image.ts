// Puts blobs and manifests into a registry by plain HTTP, without the code under test.
import type { Blob, SmallImage } from './small-image.ts';

export interface PushTarget {
  /** `127.0.0.1:5000`. */
  host: string;
  repository: string;
  /** `name:password`. */
  login?: string;
}

function headersOf(target: PushTarget, type: string): Record<string, string> {
  const login = target.login;
  return {
    'content-type': type,
    ...(login ? { authorization: `Basic ${Buffer.from(login).toString('base64')}` } : {}),
  };
}

async function must(response: Response, status: number): Promise<Response> {
  if (response.status !== status)
    throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response;
}

export async function pushBlob(target: PushTarget, blob: Blob): Promise<void> {
  const headers = headersOf(target, 'application/octet-stream');
  const start = `http://${target.host}/v2/${target.repository}/blobs/uploads/`;
  const session = await must(await fetch(start, { method: 'POST', headers }), 202);
  const place = new URL(session.headers.get('location')!, start);
  place.searchParams.set('digest', blob.digest);
  await must(await fetch(place, { method: 'PUT', headers, body: blob.bytes }), 201);
}

/** `reference` is a tag or the digest. */
export async function pushManifest(target: PushTarget, manifest: Blob, reference: string): Promise<void> {
  const url = `http://${target.host}/v2/${target.repository}/manifests/${reference}`;
  const headers = headersOf(target, manifest.mediaType);
  await must(await fetch(url, { method: 'PUT', headers, body: manifest.bytes }), 201);
}

export async function pushImage(
  target: PushTarget,
  image: SmallImage,
  reference: string = image.manifest.digest,
): Promise<void> {
  for (const blob of [image.config, ...image.layers]) await pushBlob(target, blob);
  await pushManifest(target, image.manifest, reference);
}
