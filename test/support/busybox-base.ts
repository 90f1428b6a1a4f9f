// A small base image as an OCI layout, the quickstart's: busybox with its applets, users root, app (1000) and nobody.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { top } from './cli.ts';
import { mustRun } from './run-command.ts';

export const haveBusybox = existsSync('/bin/busybox') || existsSync('/usr/bin/busybox');

export interface BaseImage {
  /** The OCI layout's folder. */
  path: string;
  /** Of the manifest, which the layout tags `latest`. */
  digest: string;
  /** The flag that makes it `FROM base`. */
  flag: string;
}

/** Writes the layout into `directory`, which is made. */
export async function busyboxBase(directory: string): Promise<BaseImage> {
  const digest = await mustRun([process.execPath, join(top, 'fixtures/quickstart/base.mjs'), directory]);
  return {
    path: directory,
    digest: digest.trim(),
    flag: `--build-context=base=oci-layout://${directory}:latest`,
  };
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

async function addBlob(layout: string, mediaType: string, content: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(content));
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(layout, 'blobs/sha256', hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}

const readBlob = async (layout: string, digest: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(layout, 'blobs/sha256', digest.slice(7)), 'utf8'));

/**
 * Makes the layout's image an index of amd64 and arm64, tagged `multi`. Both have busybox's layer; each names its
 * architecture in ENV ARCH. Returns the index's digest.
 */
export async function addMultiPlatformIndex(base: BaseImage): Promise<string> {
  const manifest = await readBlob(base.path, base.digest);
  const config = await readBlob(base.path, (manifest['config'] as Descriptor).digest);
  const manifests: unknown[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const ownConfig = await addBlob(base.path, (manifest['config'] as Descriptor).mediaType, {
      ...config,
      architecture,
      config: { ...(config['config'] as object), Env: ['PATH=/bin', `ARCH=${architecture}`] },
    });
    const own = await addBlob(base.path, manifest['mediaType'] as string, { ...manifest, config: ownConfig });
    manifests.push({ ...own, platform: { os: 'linux', architecture } });
  }
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = await addBlob(base.path, mediaType, { schemaVersion: 2, mediaType, manifests });
  const indexPath = join(base.path, 'index.json');
  const top = JSON.parse(await readFile(indexPath, 'utf8'));
  top.manifests.push({ ...index, annotations: { 'org.opencontainers.image.ref.name': 'multi' } });
  await writeFile(indexPath, JSON.stringify(top));
  return index.digest;
}
