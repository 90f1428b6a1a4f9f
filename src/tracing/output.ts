// What a recorder tells those who write a trace down.
import type { SpanArgs } from '../trace.ts';

/** Times are milliseconds since the process began, as performance.now() gives them. */
export interface RecordedSpan {
  /** Counts from 1; a parent's is less than its children's. */
  id: number;
  parent: RecordedSpan | undefined;
  category: string;
  name: string;
  start: number;
  /** Undefined while it goes on. */
  end: number | undefined;
  args: Record<string, SpanArgs[string]>;
  error: unknown;
}

/** A form of a trace, or a place for one. */
export interface TraceOutput {
  begin(span: RecordedSpan): void;
  end(span: RecordedSpan): void;
  /** Figures at a time. */
  count?(name: string, values: Readonly<Record<string, number>>, time: number): void;
  /** What a process that is started within a span goes on with. */
  environment?(span: RecordedSpan | undefined): string[];
  finish(): Promise<void>;
}
