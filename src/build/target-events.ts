// The events of one target of a bake: work of its own gets its name, so that lines of different targets stay apart.
import type { Place } from '../errors.ts';
import type { BuildEvent, OnEvent } from '../solver/events.ts';

/** `[build 2/4] RUN make` becomes `[app build 2/4] RUN make`. */
export function targetLabel(target: string, name: string): string {
  return name.startsWith('[') ? `[${target} ${name.slice(1)}` : `[${target}] ${name}`;
}

/** A Dockerfile that stands in the bake file is named by its target. */
export function targetPlace(target: string, place: Place | undefined): Place | undefined {
  return place?.file === '-' ? { ...place, file: `${target} (dockerfile-inline)` } : place;
}

/** For work outside of the graph, whose ids are the same in every build. */
export function targetEvents(target: string, onEvent: OnEvent): OnEvent {
  return (event: BuildEvent) => {
    if (event.type === 'started') {
      const { id, name } = event.vertex;
      onEvent({
        ...event,
        vertex: { ...event.vertex, id: `${target} ${id}`, name: targetLabel(target, name) },
      });
    } else if (event.type === 'warning') onEvent({ ...event, place: targetPlace(target, event.place) });
    else onEvent({ ...event, id: `${target} ${event.id}` });
  };
}

/** Targets that share a Dockerfile would all warn of the same line. */
export function withoutRepeatedWarnings(onEvent: OnEvent): OnEvent {
  const seen = new Set<string>();
  return (event) => {
    if (event.type === 'warning') {
      const key = JSON.stringify([event.message, event.place]);
      if (seen.has(key)) return;
      seen.add(key);
    }
    onEvent(event);
  };
}
