import { createCopySnapshotter } from '../../src/snapshot/copy.ts';
import { snapshotterContract } from '../contract/snapshotter.ts';

snapshotterContract({
  name: 'copy',
  create: createCopySnapshotter,
  feature: 'root',
  available: process.getuid?.() === 0,
});
