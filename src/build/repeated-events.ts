// A step that was found by name, and is run after all, is told of a second time: as a vertex of its own.
import type { OnEvent } from '../solver/events.ts';

/** Events name each vertex once; one that begins again after its end goes by another id. */
export function withRepeats(onEvent: OnEvent): OnEvent {
  const done = new Map<string, number>();
  const current = new Map<string, string>();
  return (event) => {
    if (event.type === 'warning') return onEvent(event);
    const id = event.type === 'started' ? event.vertex.id : event.id;
    if (event.type === 'started') {
      const times = done.get(id) ?? 0;
      const own = times === 0 ? id : `${id} ${times + 1}`;
      current.set(id, own);
      return onEvent({ ...event, vertex: { ...event.vertex, id: own } });
    }
    if (event.type === 'done') done.set(id, (done.get(id) ?? 0) + 1);
    return onEvent({ ...event, id: current.get(id) ?? id });
  };
}
