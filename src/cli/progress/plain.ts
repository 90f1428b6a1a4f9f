// Progress as lines in the order in which things happen, as BuildKit prints it: for logs, CI and pipes.
import type { BuildEvent } from '../../index.ts';
import { every } from './every.ts';
import { formatAmount, formatOffset, formatSeconds } from './figures.ts';
import { harmless, harmlessColors, harmlessName } from './harmless.ts';
import { createLineSplitter, type LineSplitter } from './lines.ts';
import type { Progress, ProgressOptions } from './progress.ts';
import { createWarningList } from './warnings.ts';

/** While a step prints, others wait this long (in milliseconds) before they interrupt it. */
const patience = 1000;
/** The longest that a step waits. */
const longestWait = 3000;
/** Lines that a waiting step may have before it interrupts whatever is printed. */
const mostWaiting = 200;

interface Item {
  started: number;
  shown: number;
  shownAt: number;
}

interface PlainVertex {
  number: number;
  name: string;
  started: number;
  cached: boolean;
  /** The shared cache that it came from. */
  source: string | undefined;
  done: boolean;
  splitters: { stdout: LineSplitter; stderr: LineSplitter };
  items: Map<string, Item>;
  /** Undefined: nothing waits. Empty: the header waits. */
  waiting: string[] | undefined;
  waitingSince: number;
}

export function createPlainProgress(options: ProgressOptions): Progress {
  /** Of output of steps. */
  const shown = options.color ? harmlessColors : harmless;
  const vertices = new Map<string, PlainVertex>();
  const warnings = createWarningList();
  let current: PlainVertex | undefined;
  let printedAt = 0;
  let finished = false;

  const write = (text: string): void => {
    options.stream.write(text);
    printedAt = options.now();
  };

  const switchTo = (vertex: PlainVertex): void => {
    if (current === vertex) return;
    const interruption = current ? (current.done ? '\n' : `#${current.number} ...\n\n`) : '';
    write(`${interruption}#${vertex.number} ${vertex.name}\n`);
    current = vertex;
  };

  const printWaiting = (vertex: PlainVertex): void => {
    const lines = vertex.waiting;
    vertex.waiting = undefined;
    if (!lines) return;
    switchTo(vertex);
    if (lines.length > 0) write(lines.join(''));
  };

  const printAllWaiting = (): void => {
    for (const vertex of vertices.values()) printWaiting(vertex);
  };

  const mayInterrupt = (vertex: PlainVertex): boolean =>
    options.now() - printedAt >= patience ||
    (vertex.waiting !== undefined && options.now() - vertex.waitingSince >= longestWait);

  const print = (vertex: PlainVertex, lines: readonly string[]): void => {
    const text = lines.map((line) => `#${vertex.number} ${line}\n`);
    const free = !current || current === vertex || current.done || mayInterrupt(vertex);
    if (!free && (vertex.waiting?.length ?? 0) + text.length < mostWaiting) {
      if (!vertex.waiting) vertex.waitingSince = options.now();
      vertex.waiting = [...(vertex.waiting ?? []), ...text];
      return;
    }
    printWaiting(vertex);
    switchTo(vertex);
    if (text.length > 0) write(text.join(''));
  };

  const stop = (options.every ?? every)(patience, () => {
    for (const vertex of vertices.values()) if (mayInterrupt(vertex)) printWaiting(vertex);
  });

  const onEvent = (event: BuildEvent): void => {
    if (finished) return;
    if (event.type === 'warning') {
      warnings.add(event);
      return;
    }
    if (event.type === 'started') {
      if (vertices.has(event.vertex.id)) return;
      const vertex = createVertex(vertices.size + 1, harmlessName(event.vertex.name), event.time);
      vertices.set(event.vertex.id, vertex);
      print(vertex, []);
      return;
    }
    const vertex = vertices.get(event.id);
    if (!vertex || vertex.done) return;
    switch (event.type) {
      case 'cached':
        vertex.cached = true;
        vertex.source = event.source;
        return;
      case 'log': {
        const offset = formatOffset(event.time - vertex.started);
        const lines = vertex.splitters[event.stream].push(event.data);
        if (lines.length > 0)
          print(
            vertex,
            lines.map((line) => `${offset} ${shown(line)}`),
          );
        return;
      }
      case 'progress': {
        const line = progressLine(vertex, event);
        if (line !== undefined) print(vertex, [line]);
        return;
      }
      case 'done': {
        const offset = formatOffset(event.time - vertex.started);
        const rest = [...vertex.splitters.stdout.flush(), ...vertex.splitters.stderr.flush()];
        print(vertex, [...rest.map((line) => `${offset} ${shown(line)}`), outcomeLine(vertex, event)]);
        vertex.done = true;
        vertex.items.clear();
        if (current === vertex) printAllWaiting();
        return;
      }
    }
  };

  return {
    onEvent,
    finish(outcome) {
      if (finished) return;
      finished = true;
      stop();
      printAllWaiting();
      const closing = warnings.print() + (outcome.summary ? `\n${harmless(outcome.summary)}\n` : '');
      if (closing !== '') options.stream.write(closing);
      else if (current) options.stream.write('\n');
    },
  };
}

function createVertex(number: number, name: string, started: number): PlainVertex {
  return {
    number,
    name,
    started,
    cached: false,
    source: undefined,
    done: false,
    splitters: { stdout: createLineSplitter(), stderr: createLineSplitter() },
    items: new Map(),
    waiting: undefined,
    waitingSince: 0,
  };
}

function outcomeLine(vertex: PlainVertex, event: Extract<BuildEvent, { type: 'done' }>): string {
  if (event.canceled) return 'CANCELED';
  if (event.error !== undefined) return `ERROR: ${harmlessName(event.error)}`;
  if (vertex.cached) return vertex.source ? `CACHED from ${harmlessName(vertex.source)}` : 'CACHED';
  return `DONE ${formatSeconds(event.time - vertex.started)}`;
}

/** A line for the first, the last, every twentieth part and every five seconds of an item. */
function progressLine(
  vertex: PlainVertex,
  event: Extract<BuildEvent, { type: 'progress' }>,
): string | undefined {
  const known = vertex.items.get(event.item);
  const item = known ?? { started: event.time, shown: 0, shownAt: 0 };
  vertex.items.set(event.item, item);
  const elapsed = event.time - item.shownAt;
  const advanced = event.total !== undefined && event.current - item.shown >= event.total / 20;
  if (known && !event.done && !(advanced && elapsed >= 200) && elapsed < 5000) return undefined;
  item.shown = event.current;
  item.shownAt = event.time;
  const amount = formatAmount(event.current, event.total);
  const time = known || event.done ? ` ${formatSeconds(event.time - item.started)}` : '';
  return `${harmlessName(event.item)}${amount && ` ${amount}`}${time}${event.done ? ' done' : ''}`;
}
