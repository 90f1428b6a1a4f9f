import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImageMounter } from '../../src/fs/mount-image.ts';
import { indexTars } from '../../src/layer/index-tars.ts';
import { createErofsSnapshotter } from '../../src/snapshot/erofs.ts';
import { probeErofs } from '../../src/snapshot/probe-erofs.ts';
import { snapshotterContract } from '../contract/snapshotter.ts';
import { scriptTars } from '../support/script-tar.ts';

const root = mkdtempSync(join(tmpdir(), 'erofs-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const mounter = createImageMounter();

snapshotterContract({
  name: 'erofs',
  create: (options) =>
    createErofsSnapshotter({
      ...options,
      tars: scriptTars(`${options.directory}-tars`, options),
      index: indexTars,
      mount: (index, devices) => mounter!.mount(index, devices),
    }),
  feature: 'erofs',
  available: await probeErofs(root),
});
