// Layers whose "tar" is a shell script (snapshot-steps.ts) as real tars, with nanoseconds, for snapshotters that mount them.
import { createReadStream, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hexOf } from '../../src/oci/digest.ts';
import type { ErofsOptions } from '../../src/snapshot/erofs.ts';
import type { UnpackLayer } from '../../src/snapshot/unpack-layer.ts';
import { run } from './snapshot-steps.ts';

type TarFile = ErofsOptions['tars']['file'];

const stored = new Map<string, ReturnType<TarFile>>();

/** What the script makes is packed by tar(1), its whiteouts as the devices that they are, once for each `folder`. */
export function scriptTars(
  folder: string,
  options: Pick<ErofsOptions, 'openLayer'> & { unpack: UnpackLayer },
): ErofsOptions['tars'] {
  mkdirSync(folder, { recursive: true });

  async function make(file: string, ...[layer, signal]: Parameters<TarFile>): Promise<string> {
    const work = mkdtempSync(join(folder, 'tar-'));
    const root = join(work, 'root');
    mkdirSync(root);
    const how = { form: 'overlay', overlayXattr: 'trusted.overlay', signal } as const;
    const { opaque } = await options.unpack(options.openLayer(layer, signal), root, how);
    for (const path of opaque) writeFileSync(`${root}${path}/.wh..wh..opq`, '');
    const xattrs = ['--format=posix', '--xattrs', '--xattrs-include=*'];
    run(['tar', ...xattrs, '-cf', join(work, 'layer.tar'), '.'], root);
    renameSync(join(work, 'layer.tar'), file);
    rmSync(work, { recursive: true });
    return file;
  }

  const find: TarFile = (layer, signal) => {
    const file = join(folder, hexOf(layer.diffID));
    const made = stored.get(file) ?? make(file, layer, signal);
    stored.set(file, made);
    made.catch(() => stored.delete(file));
    return made;
  };
  return {
    file: find,
    async read(layer, consume, signal) {
      const path = await find(layer, signal);
      return consume({ path, chunks: createReadStream(path) });
    },
  };
}
