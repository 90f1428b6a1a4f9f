// Progress for programs: BuildKit's SolveStatus, one JSON object a line (moby/buildkit client/graph.go).
import { createHash } from 'node:crypto';
import type { BuildEvent } from '../../index.ts';
import type { Progress, ProgressOptions } from './progress.ts';
import { warningJson } from './warning-json.ts';

interface RawVertex {
  digest: string;
  name: string;
  started: string;
  completed?: string;
  cached?: boolean;
  error?: string;
}

const timestamp = (time: number): string => new Date(time).toISOString();

/** Ids of vertices as digests, which is what readers of this format take them for. */
function digestOf(id: string): string {
  return /^sha256:[0-9a-f]{64}$/.test(id) ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

export function createRawJsonProgress(options: Pick<ProgressOptions, 'stream'>): Progress {
  const vertices = new Map<string, RawVertex>();
  const items = new Map<string, string>();
  let finished = false;

  const status = (event: BuildEvent): object | undefined => {
    if (event.type === 'started') {
      const digest = digestOf(event.vertex.id);
      const vertex = { digest, name: event.vertex.name, started: timestamp(event.time) };
      vertices.set(event.vertex.id, vertex);
      return { vertexes: [vertex] };
    }
    if (event.type === 'warning') {
      return { warnings: [warningJson(event)] };
    }
    const vertex = vertices.get(event.id);
    if (!vertex) return undefined;
    switch (event.type) {
      case 'cached':
        vertex.cached = true;
        return { vertexes: [vertex] };
      case 'done':
        vertex.completed = timestamp(event.time);
        if (event.canceled) vertex.error = 'context canceled';
        else if (event.error !== undefined) vertex.error = event.error;
        return { vertexes: [vertex] };
      case 'log':
        return {
          logs: [
            {
              vertex: vertex.digest,
              stream: event.stream === 'stdout' ? 1 : 2,
              data: event.data.toString('base64'),
              timestamp: timestamp(event.time),
            },
          ],
        };
      case 'progress': {
        const key = `${event.id}\0${event.item}`;
        const started = items.get(key) ?? timestamp(event.time);
        if (event.done) items.delete(key);
        else items.set(key, started);
        return {
          statuses: [
            {
              id: event.item,
              vertex: vertex.digest,
              ...(event.total === undefined ? {} : { total: event.total }),
              current: event.current,
              timestamp: timestamp(event.time),
              started,
              ...(event.done ? { completed: timestamp(event.time) } : {}),
            },
          ],
        };
      }
    }
  };

  return {
    onEvent(event) {
      const object = finished ? undefined : status(event);
      if (object) options.stream.write(`${JSON.stringify(object)}\n`);
    },
    finish() {
      finished = true;
    },
  };
}
