// What is known of layers that were searched for secrets: kept beside their forms, so that nothing is searched twice for one value.
import type { DiffID } from '../oci/digest.ts';
import type { FoundInLayer } from './secret-guard.ts';
import type { State } from './state.ts';

/** How errors call a layer, at the step's place. */
export const layerOfStep = 'the layer of this step';

/** A layer was searched for all secrets of the build. What holds one is searched again, and told of again, by the next build. */
export async function noteSearched(
  diffID: DiffID,
  found: FoundInLayer | undefined,
  { root, layers, secrets }: Pick<State, 'root' | 'layers' | 'secrets'>,
): Promise<void> {
  secrets?.layers.set(diffID, Promise.resolve(found));
  const marks = found ? [] : ((await secrets?.marks(root)) ?? []);
  if (marks.length > 0) await layers.add(diffID, { searched: marks });
}
