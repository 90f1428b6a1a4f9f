// Says of each step that starts for which platforms it is done.
import type { Vertex } from '../graph/vertex.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { OnEvent } from '../solver/events.ts';
import type { PlannedBuild } from './plan-build.ts';

/** Adds `platforms` to the vertices of the graphs; other work has none. */
export function withPlatforms(onEvent: OnEvent, planned: readonly PlannedBuild[]): OnEvent {
  const platforms = new Map<string, Set<string>>();
  for (const { plan } of planned) {
    const name = formatPlatform(plan.target.platform);
    const visit = (vertex: Vertex): void => {
      const known = platforms.get(vertex.id) ?? new Set();
      if (known.has(name)) return;
      platforms.set(vertex.id, known.add(name));
      for (const input of vertex.inputs) if (input) visit(input);
    };
    if (plan.target.vertex) visit(plan.target.vertex);
  }
  return (event) => {
    const own = event.type === 'started' ? platforms.get(event.vertex.id) : undefined;
    if (event.type === 'started' && own)
      onEvent({ ...event, vertex: { ...event.vertex, platforms: [...own] } });
    else onEvent(event);
  };
}
