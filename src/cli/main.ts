#!/usr/bin/env node
// The program: gives the process to a command, prints what failed, and sets the exit code. Nothing else does.
import { homedir } from 'node:os';
import { SlipwayError } from '../errors.ts';
import { dispatch } from './dispatch.ts';
import type { FailureContext, Session } from './session.ts';

const interrupts = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const controller = new AbortController();
const failure: FailureContext = { debug: false };
let interrupted: number | undefined;

for (const [signal, code] of Object.entries(interrupts)) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for the cleaning up.
    if (interrupted !== undefined) process.exit(code);
    interrupted = code;
    controller.abort(new SlipwayError('ERR_ABORTED', `interrupted by ${signal}`));
  });
}

// A reader that went away is no reason for a stack trace. Without standard output there is nothing left to build for;
// without standard error the build goes on unseen.
process.stdout.on('error', (cause) => {
  controller.abort(new SlipwayError('ERR_EXPORT', 'the reader of standard output went away', { cause }));
});
process.stderr.on('error', () => {});

const session: Session = {
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  uid: process.getuid?.(),
  get home() {
    return homedir();
  },
  now: Date.now,
  signal: controller.signal,
  failure,
};

async function report(error: unknown): Promise<number> {
  // Two small modules that a build that works does not load.
  const [{ errorReport }, { exitCodeOf }] = await Promise.all([
    import('./error-report.ts'),
    import('./exit-code.ts'),
  ]);
  if (interrupted !== undefined) {
    process.stderr.write(`canceled: ${controller.signal.reason.message}\n`);
    return interrupted;
  }
  const color = Boolean(process.stderr.isTTY) && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  process.stderr.write(errorReport(error, { ...failure, color }));
  return exitCodeOf(error);
}

// A bug outside of any promise that somebody waits for: Node's own exit code, 1, would blame the Dockerfile.
process.on('uncaughtException', (error) => {
  void report(error).then((code) => process.exit(code));
});

/** Waits until what was written is out. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}

try {
  await dispatch(process.argv.slice(2), session);
  process.exitCode = 0;
} catch (error) {
  process.exitCode = await report(error);
}
await Promise.all([drained(process.stdout), drained(process.stderr)]);
// Idle connections and an unread standard input must not keep a finished program.
process.exit();
