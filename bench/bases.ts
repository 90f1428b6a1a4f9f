// The base images: OCI layouts made of what this machine has, no registry of others.
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { busyboxBase, haveBusybox } from '../test/support/busybox-base.ts';
import { debianBase } from '../test/support/debian-base.ts';
import { mustRun } from '../test/support/run-command.ts';
import { Skipped } from './builder.ts';

/**
 * `busybox`: one static program and its links. `debian`: what mmdebstrap makes as minbase, about 170 MB in one layer. `archive`:
 * busybox and the tar of that Debian as /root.tar.
 */
export type BaseName = 'busybox' | 'debian' | 'archive';

/** The tar of the Debian base's one layer, without devices, which not every step may make. @param path is written */
export async function writeDebianTar(path: string): Promise<void> {
  const { layout } = await debianBase();
  const image = JSON.parse(await mustRun(['skopeo', 'inspect', '--raw', `oci:${layout}:latest`]));
  const blob = join(layout, 'blobs/sha256', image.layers[0].digest.slice('sha256:'.length));
  await mustRun([
    'sh',
    '-c',
    `gzip -dc "$1" | tar -f - --wildcards --delete './dev/*' > "$2"`,
    'sh',
    blob,
    path,
  ]);
}

/** Writes a layout tagged `latest` into `folder`, which is made, or finds one; returns its path. */
export async function makeBase(name: BaseName, folder: string): Promise<string> {
  if (name === 'debian') return (await debianBase()).layout;
  if (!haveBusybox) throw new Skipped('needs busybox-static');
  await busyboxBase(folder);
  if (name === 'archive') {
    const root = `${folder}-root`;
    await mkdir(root);
    await writeDebianTar(join(root, 'root.tar'));
    await mustRun(['tar', '--owner=0', '--group=0', '-C', root, '-cf', `${folder}.tar`, 'root.tar']);
    // umoci takes a colon in a path for a tag's.
    const plain = `${folder}-layout`;
    await rename(folder, plain);
    await mustRun(['umoci', 'raw', 'add-layer', '--image', `${plain}:latest`, `${folder}.tar`]);
    return plain;
  }
  return folder;
}
