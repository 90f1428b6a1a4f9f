// Puts spans on lanes, so that those on one lane lie inside each other or one after the other, as a picture needs them.
import type { RecordedSpan } from './output.ts';

export interface Lane {
  /** Counts from 1. */
  id: number;
  /** `main`, `step 2`. */
  name: string;
}

export interface Lanes {
  /** A span begins. */
  enter(span: RecordedSpan): void;
  /** A span that was entered ends: the lane that it is drawn on, and that of the span that it is a part of. */
  leave(span: RecordedSpan): { lane: Lane; from: Lane | undefined };
}

interface OwnLane extends Lane {
  kind: string;
  /** Open spans, the outermost first. */
  stack: RecordedSpan[];
  /** When the last span on it ended. */
  free: number;
}

/** Work that many do at once: each on a lane of its own, also where there is but one. */
const apart: ReadonlySet<string> = new Set(['step', 'registry', 'thread']);

/** @param onLane is told of each new lane. */
export function createLanes(onLane: (lane: Lane) => void): Lanes {
  const lanes: OwnLane[] = [];
  const places = new Map<RecordedSpan, { lane: OwnLane; from: OwnLane | undefined }>();

  function freeLane(kind: string, start: number): OwnLane {
    const same = lanes.filter((one) => one.kind === kind);
    const found = same.find(({ stack, free }) => stack.length === 0 && free <= start);
    if (found) return found;
    const name = lanes.length === 0 ? 'main' : `${kind} ${same.length + 1}`;
    const made: OwnLane = { id: lanes.length + 1, name, kind, stack: [], free: 0 };
    lanes.push(made);
    onLane(made);
    return made;
  }

  return {
    enter(span) {
      const { parent, category, start } = span;
      const above = parent && places.get(parent)?.lane;
      const fits =
        above !== undefined &&
        above.stack.at(-1) === parent &&
        above.free <= start &&
        (!apart.has(category) || category === parent?.category);
      const lane = fits ? above : freeLane(category, start);
      lane.stack.push(span);
      places.set(span, { lane, from: above });
    },
    leave(span) {
      const place = places.get(span)!;
      const { lane, from } = place;
      const end = span.end ?? span.start;
      const later = lane.stack.splice(lane.stack.indexOf(span)).slice(1);
      lane.free = Math.max(lane.free, end);
      places.delete(span);
      const first = later[0];
      if (first !== undefined) {
        // They outlive what they were drawn in: the rest of them goes on elsewhere.
        const other = freeLane(first.category, first.start);
        other.stack.push(...later);
        for (const one of later) places.set(one, { lane: other, from: lane });
      }
      return { lane, from };
    },
  };
}
