// Holds an image that was built against other people's readers of the format: skopeo and umoci.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireFeature } from './require-feature.ts';
import { findProgram, mustRun } from './run-command.ts';

const REF_NAME = 'org.opencontainers.image.ref.name';

/** Whether skopeo and umoci are here; the caller gives up where not. */
export function requirePeers(): boolean {
  return (
    requireFeature('skopeo', findProgram('skopeo') !== undefined) &&
    requireFeature('umoci', findProgram('umoci') !== undefined)
  );
}

/**
 * Opens an OCI tar with skopeo and unpacks it with umoci into `work`, which is made. Returns the bundle's folder: `rootfs`
 * and `config.json` for a runtime.
 */
export async function openWithPeers(tar: string, work: string): Promise<string> {
  await mustRun(['skopeo', 'inspect', `oci-archive:${tar}`]);
  await mustRun(['skopeo', 'inspect', '--config', `oci-archive:${tar}`]);
  const layout = join(work, 'layout');
  const bundle = join(work, 'bundle');
  await mkdir(layout, { recursive: true });
  await mustRun(['tar', '-xf', tar, '-C', layout]);
  // umoci finds images by name alone, and one that was not tagged has none.
  const indexPath = join(layout, 'index.json');
  const index = JSON.parse(await readFile(indexPath, 'utf8'));
  index.manifests[0].annotations = { ...index.manifests[0].annotations, [REF_NAME]: 'checked' };
  await writeFile(indexPath, JSON.stringify(index));
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
  await mustRun(['umoci', 'unpack', ...rootless, '--image', `${layout}:checked`, bundle]);
  return bundle;
}
