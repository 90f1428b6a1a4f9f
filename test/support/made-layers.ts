// What a made image holds: a layer for each instruction, the second half of which overwrites what the first brought.
import type { LayerReport, LayersReport } from '../../src/inspect/layers-report.ts';

const none = { files: 0, bytes: 0 };
const digest = `sha256:${'0'.repeat(64)}` as const;

/** @param steps the first one is the base; sizes in bytes */
export function madeLayers(steps: readonly { text: string; size: number }[]): LayersReport {
  const layers = steps.map(({ size }, at): LayerReport => {
    const added = { files: at + 1, bytes: size };
    return {
      ...{ diffID: digest, digest, storedBytes: size, instruction: at, base: at === 0, bytes: size },
      ...{ added, overwritten: at > 0 ? { files: 1, bytes: 10 } : none, rewritten: none, deleted: none },
      ...{ wasted: Math.floor(size / 4), wastes: 0 },
    };
  });
  const sum = (of: (layer: LayerReport) => number): number => layers.reduce((all, one) => all + of(one), 0);
  const [bytes, wasted] = [sum((layer) => layer.bytes), sum((layer) => layer.wasted)];
  return {
    version: 1,
    image: { name: digest, id: digest, manifest: digest, platform: 'linux/amd64', created: undefined },
    total: {
      ...{ layers: layers.length, files: 321, bytes, reachable: bytes - wasted, wasted },
      ...{ wastedPercent: (wasted / bytes) * 100, efficiency: 0.9, duplicates: 0, storedBytes: bytes },
    },
    layers,
    instructions: steps.map(({ text }, at) => ({
      ...{ text, layer: at, created: undefined },
      place: { file: 'Dockerfile', lines: [at + 1, at + 1] },
    })),
    waste: [],
    wastedPaths: { count: 1, items: [{ path: 'var/lib/apt/lists/index', copies: 2, bytes: 1_200_000 }] },
    ...{ duplicates: { count: 0, items: [] }, setuid: { count: 0, items: [] } },
    ...{ worldWritable: { count: 0, items: [] }, leftovers: [], largest: [] },
    hints: [
      {
        ...{ kind: 'late', bytes: 1_200_000, layer: 1, by: 2 },
        text: 'package lists that RUN apt-get update left are deleted later',
      },
    ],
    budgets: [],
  };
}
