// Which vertices are at work: what somebody who stops a build is told.
import type { BuildEvent, VertexInfo } from '../index.ts';
import { harmless } from './progress/harmless.ts';

export interface RunningSteps {
  onEvent(event: BuildEvent): void;
  /** `[build 2/3] RUN make (Dockerfile:7)`, in the order in which they began; no more than a few. */
  names(): string[];
}

const most = 5;

export function createRunningSteps(): RunningSteps {
  const running = new Map<string, VertexInfo>();
  return {
    onEvent(event) {
      if (event.type === 'started') running.set(event.vertex.id, event.vertex);
      if (event.type === 'done') running.delete(event.id);
    },
    names() {
      const names = [...running.values()].map(({ name, place }) => {
        const where = place ? ` (${place.file ?? 'Dockerfile'}:${place.range.start.line})` : '';
        return harmless(name + where);
      });
      const rest = names.length - most;
      return rest > 0 ? [...names.slice(0, most), `${rest} more`] : names;
    },
  };
}
