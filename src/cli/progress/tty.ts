// Progress for a terminal: one picture of the whole build, drawn over and over in the same place.
import type { BuildEvent } from '../../index.ts';
import { defaultColors } from './colors.ts';
import { every } from './every.ts';
import { harmless, harmlessName } from './harmless.ts';
import { createLineSplitter, type LineSplitter } from './lines.ts';
import type { Progress, ProgressOptions, ProgressOutcome } from './progress.ts';
import { drawPicture, type PictureItem, type PictureVertex } from './tty-picture.ts';
import { createWarningList } from './warnings.ts';

/** Milliseconds between two pictures. */
const pause = 100;
/** Of a line of output; the rest is not on the screen anyway. */
const longest = 1000;

interface TtyVertex extends Omit<PictureVertex, 'items'> {
  items: Map<string, PictureItem>;
  lines: string[];
  splitters: { stdout: LineSplitter; stderr: LineSplitter };
}

const states = { done: 'FINISHED', failed: 'FAILED', canceled: 'CANCELED' } as const;

export function createTtyProgress(options: ProgressOptions): Progress {
  const vertices = new Map<string, TtyVertex>();
  const warnings = createWarningList();
  const logLines = options.logLines ?? 6;
  const colors = options.color ? (options.colors ?? defaultColors) : undefined;
  let started: number | undefined;
  let drawn = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let finished = false;
  let stop: (() => void) | undefined;

  const draw = (rows: number, state: string): void => {
    const now = options.now();
    const lines = drawPicture({
      started: started ?? now,
      now,
      state,
      columns: options.columns(),
      rows,
      colors,
      vertices: [...vertices.values()].map((vertex) => toPicture(vertex, logLines)),
    });
    // Up to the first line of the last picture, each line over the old one, and away with what was below.
    const up = drawn > 0 ? `\x1b[${drawn}A\r` : '\r';
    options.stream.write(`${up}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    drawn = lines.length;
    drawnAt = now;
  };

  const drawIfDue = (): void => {
    if (!finished && options.now() - drawnAt >= pause) draw(options.rows() - 1, '');
  };

  const onEvent = (event: BuildEvent): void => {
    if (finished) return;
    started ??= event.time;
    stop ??= (options.every ?? every)(pause, drawIfDue);
    if (event.type === 'warning') warnings.add(event);
    else note(vertices, event, logLines);
    drawIfDue();
  };

  return {
    onEvent,
    finish(outcome: ProgressOutcome) {
      if (finished) return;
      finished = true;
      stop?.();
      if (started !== undefined) draw(Number.POSITIVE_INFINITY, states[outcome.status]);
      const said = warnings.print();
      const colored = said && colors?.warning ? `\x1b[${colors.warning}m${said}\x1b[0m` : said;
      const closing = colored + (outcome.summary ? `${harmless(outcome.summary)}\n` : '');
      if (closing !== '') options.stream.write(closing);
    },
  };
}

/** Takes an event into the vertices. */
function note(
  vertices: Map<string, TtyVertex>,
  event: Exclude<BuildEvent, { type: 'warning' }>,
  logLines: number,
): void {
  if (event.type === 'started') {
    if (!vertices.has(event.vertex.id)) vertices.set(event.vertex.id, createVertex(event));
    return;
  }
  const vertex = vertices.get(event.id);
  if (!vertex || vertex.completed !== undefined) return;
  switch (event.type) {
    case 'cached':
      vertex.outcome = 'cached';
      if (event.source) vertex.name += ` (from ${harmlessName(event.source)})`;
      return;
    case 'log':
      for (const line of vertex.splitters[event.stream].push(event.data))
        vertex.lines.push(line.slice(0, longest));
      vertex.lines = logLines > 0 ? vertex.lines.slice(-logLines) : [];
      return;
    case 'progress': {
      const began = vertex.items.get(event.item)?.started ?? event.time;
      if (event.done) {
        vertex.items.delete(event.item);
      } else {
        vertex.items.set(event.item, {
          name: harmlessName(event.item),
          current: event.current,
          total: event.total,
          started: began,
        });
      }
      return;
    }
    case 'done':
      vertex.completed = event.time;
      if (event.canceled) vertex.outcome = 'canceled';
      else if (event.error !== undefined) vertex.outcome = 'failed';
      else if (vertex.outcome === 'running') vertex.outcome = 'done';
      vertex.items.clear();
      vertex.lines = [];
      return;
  }
}

function createVertex(event: Extract<BuildEvent, { type: 'started' }>): TtyVertex {
  return {
    name: harmlessName(event.vertex.name),
    started: event.time,
    completed: undefined,
    outcome: 'running',
    items: new Map(),
    output: [],
    lines: [],
    splitters: { stdout: createLineSplitter(), stderr: createLineSplitter() },
  };
}

function toPicture(vertex: TtyVertex, logLines: number): PictureVertex {
  const partial = [vertex.splitters.stdout.partial(), vertex.splitters.stderr.partial()]
    .filter((line) => line !== '')
    .map((line) => line.slice(0, longest));
  const output = logLines > 0 ? [...vertex.lines, ...partial].slice(-logLines) : [];
  const running = vertex.completed === undefined;
  return { ...vertex, items: [...vertex.items.values()], output: running ? output.map(harmless) : [] };
}
