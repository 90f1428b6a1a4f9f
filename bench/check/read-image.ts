// Reads a built image with programs of others: skopeo verifies every blob's digest, umoci every diffID as it unpacks.
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mustRun } from '../../test/support/run-command.ts';
import { lazy } from '../lazy.ts';

export interface BuiltImage {
  diffIDs: string[];
  /** Bytes of the layers as they are stored. */
  layerSizes: number[];
  /** The files of the image; made when it is first asked for. */
  rootfs(): Promise<string>;
}

/** @param archive as skopeo names it. @param work a folder that is made */
export async function readImage(archive: string, work: string): Promise<BuiltImage> {
  await mkdir(work);
  const layout = join(work, 'layout');
  const plain = archive.startsWith('docker://') ? ['--src-tls-verify=false'] : [];
  await mustRun(['skopeo', 'copy', '--quiet', ...plain, archive, `oci:${layout}:image`]);
  const manifest = JSON.parse(await mustRun(['skopeo', 'inspect', '--raw', `oci:${layout}:image`]));
  const config = JSON.parse(await mustRun(['skopeo', 'inspect', '--config', '--raw', `oci:${layout}:image`]));
  const unpack = async (): Promise<string> => {
    // umoci takes a colon in a path for a tag's.
    await mustRun(['umoci', 'unpack', '--image', `${basename(layout)}:image`, 'bundle'], {
      cwd: dirname(layout),
    });
    return join(work, 'bundle/rootfs');
  };
  return {
    diffIDs: config.rootfs.diff_ids,
    layerSizes: manifest.layers.map(({ size }: { size: number }) => size),
    rootfs: lazy(unpack),
  };
}
