// A session for commands under test: streams that collect, and a clock that stands still.
import { PassThrough } from 'node:stream';
import type { OutputStream, Session } from '../../src/cli/session.ts';

/** A stream that keeps what was written. */
export interface Collector {
  stream: OutputStream;
  text(): string;
  /** What each write carried. */
  writes: string[];
}

export function createCollector(terminal?: { columns: number; rows: number }): Collector {
  const writes: string[] = [];
  const stream = new PassThrough() as unknown as OutputStream;
  stream.write = (chunk: string | Uint8Array) => {
    writes.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    return true;
  };
  if (terminal) Object.assign(stream, { isTTY: true, ...terminal });
  return { stream, writes, text: () => writes.join('') };
}

export interface TestSession extends Session {
  out: Collector;
  err: Collector;
}

export function createTestSession(changes: Partial<Session> = {}): TestSession {
  const out = createCollector();
  const err = createCollector();
  return {
    stdin: emptyInput(),
    stdout: out.stream,
    stderr: err.stream,
    env: {},
    cwd: '/nowhere',
    uid: 1000,
    home: '/home/wilma',
    now: () => 5000,
    signal: new AbortController().signal,
    failure: { debug: false },
    ...changes,
    out,
    err,
  };
}

async function* emptyInput(): AsyncGenerator<Uint8Array> {}
