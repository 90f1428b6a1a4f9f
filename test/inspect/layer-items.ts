// Layers made by hand for tests of reports and comparisons.
import type { FileItem, LayerItem } from '../../src/inspect/layer-item.ts';
import type { LayersReport } from '../../src/inspect/layers-report.ts';
import { createLayersReporter } from '../../src/inspect/report-layers.ts';
import type { ImageConfig } from '../../src/oci/config.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type DiffID, digestOf, hexOf } from '../../src/oci/digest.ts';

const blank: Omit<FileItem, 'path' | 'type'> = {
  ...{ kind: 'entry', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, linkTarget: '' },
  ...{ hardLinkTo: undefined, xattrs: '', device: '', digest: '', index: 0 },
};

/** A file whose content is known by a text. */
export const file = (
  path: string,
  size: number,
  more: Partial<FileItem> & { text?: string } = {},
): FileItem => {
  const { text = path, ...rest } = more;
  return { ...blank, path, type: 'file', size, digest: hexOf(digestOf(`${text} ${size}`)), ...rest };
};
export const folder = (path: string, more: Partial<FileItem> = {}): FileItem => ({
  ...{ ...blank, path, type: 'dir', mode: 0o755 },
  ...more,
});
export const link = (path: string, hardLinkTo: string): FileItem => ({
  ...blank,
  path,
  type: 'file',
  hardLinkTo,
});
export const symlink = (path: string, linkTarget: string): FileItem => ({
  ...{ ...blank, path, type: 'symlink', mode: 0o777, linkTarget },
});
export const whiteout = (path: string): LayerItem => ({ kind: 'whiteout', path });
export const opaque = (path: string): LayerItem => ({ kind: 'opaque', path });

export function configOf(count: number, history: string[] = []): ImageConfig {
  return {
    ...{ architecture: 'amd64', os: 'linux' },
    rootfs: {
      type: 'layers',
      diff_ids: Array.from({ length: count }, (_, index) => digestOf(`${index}`) as string as DiffID),
    },
    ...(history.length > 0 ? { history: history.map((created_by) => ({ created_by })) } : {}),
  };
}

/** @param options.base how many layers came with the base image */
export function reportOf(
  layers: readonly (readonly LayerItem[])[],
  options: { history?: string[]; top?: number; files?: boolean; base?: number } = {},
): LayersReport {
  const { history, top = 100, files = false, base = 0 } = options;
  const config = configOf(layers.length, history);
  const reporter = createLayersReporter({
    image: {
      name: 'app',
      id: digestOf('id'),
      manifest: digestOf('m'),
      platform: 'linux/amd64',
      created: undefined,
    },
    config,
    layers: layers.map((_, index): Descriptor => ({ mediaType: '', digest: digestOf(`${index}`), size: 7 })),
    places: layers.map((_, index) => (index < base ? { base: true } : {})),
    ...{ top, listsFiles: files },
  });
  for (const items of layers) reporter.addLayer(items);
  return reporter.finish();
}
