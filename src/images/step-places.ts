// Where in a Dockerfile an image's layers come from, as far as a build of this state folder noted it.
import type { BuildRecord, StepRecord } from '../build-record.ts';
import type { InstructionPlace } from '../inspect/layers-report.ts';
import type { DiffID } from '../oci/digest.ts';
import { createBuildIndex } from '../store/build-index.ts';

export interface LayerPlace {
  place?: InstructionPlace;
  /** True: the build that made the image found it in the base image. */
  base?: boolean;
}

/** So many builds are looked at, the newest first. */
const most = 64;

/** By layer; empty where no build is known that made one of them. @param root the state folder */
export function layerPlaces(root: string, diffIDs: readonly DiffID[]): LayerPlace[] {
  const index = createBuildIndex(root);
  let best: { record: BuildRecord; count: number } | undefined;
  for (const name of index.list().slice(0, most)) {
    const record = index.read(name);
    const made = new Set(record?.steps.flatMap(({ layer }) => layer?.diffID ?? []));
    const count = diffIDs.filter((diffID) => made.has(diffID)).length;
    if (record && count > (best?.count ?? 0)) best = { record, count };
    if (count === diffIDs.length) break;
  }
  return best ? placesIn(best.record, diffIDs) : [];
}

function placesIn({ steps, dockerfile }: BuildRecord, diffIDs: readonly DiffID[]): LayerPlace[] {
  const left: (StepRecord | undefined)[] = steps.filter(({ layer }) => layer !== undefined);
  const places = diffIDs.map((diffID): LayerPlace => {
    // Equal layers of several steps come in their order.
    const at = left.findIndex((step) => step?.layer?.diffID === diffID);
    const step = left[at];
    if (!step) return {};
    left[at] = undefined;
    return { place: { file: dockerfile.path, lines: step.lines } };
  });
  const first = places.findIndex(({ place }) => place !== undefined);
  return places.map((one, index) => (index < first ? { base: true } : one));
}
