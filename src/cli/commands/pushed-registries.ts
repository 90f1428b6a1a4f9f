// Which registries builds push to.
import { type BuildRequest, parseReference } from '../../index.ts';

/** By name; undefined where nothing is pushed. */
export function pushedRegistries(requests: readonly BuildRequest[]): string[] | undefined {
  const names = requests.flatMap(({ outputs, tags }) =>
    outputs.flatMap((output) => (output.type === 'image' && output.push ? (output.push.names ?? tags) : [])),
  );
  return names.length === 0 ? undefined : [...new Set(names.map((name) => parseReference(name).registry))];
}
