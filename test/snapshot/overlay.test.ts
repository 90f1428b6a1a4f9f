import { tmpdir } from 'node:os';
import { createOverlaySnapshotter } from '../../src/snapshot/overlay.ts';
import { probeOverlay } from '../../src/snapshot/probe.ts';
import { snapshotterContract } from '../contract/snapshotter.ts';

snapshotterContract({
  name: 'overlay',
  create: createOverlaySnapshotter,
  feature: 'overlay',
  available: await probeOverlay(tmpdir()),
});
