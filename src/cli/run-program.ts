// The process around a command: signals, streams, the report of what failed, the exit code. Nothing else prints errors.
import { homedir } from 'node:os';
import { SlipwayError } from '../errors.ts';
import { finishTracing } from '../trace.ts';
import { takeOuterUser } from '../userns/outer-user.ts';
import { isReaderGone, outputError } from './output-error.ts';
import type { FailureContext, Session } from './session.ts';
import { standardStream } from './standard-stream.ts';

/** Signals that mean nothing to this program itself. */
const passedOn = ['SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** So many requests to end may go to a program that runs in our place; with the last both are ended. */
const patience = 3;
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs the program in this process, and ends the process when it is done.
 * @param run gets the words after the program's name.
 */
export async function runProgram(
  run: (argv: readonly string[], session: Session) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const failure: FailureContext = { debug: false };
  let interrupted: number | undefined;
  let taker: ((signal: NodeJS.Signals) => void) | undefined;
  let taken = 0;

  for (const [signal, code] of Object.entries(exitCodes)) {
    process.on(signal, () => {
      if (taker !== undefined) {
        if (++taken >= patience) process.exit(code);
        taker(signal as NodeJS.Signals);
        return;
      }
      // Whoever asks twice does not want to wait for the cleaning up.
      if (interrupted !== undefined) process.exit(code);
      interrupted = code;
      const running = failure.running?.() ?? [];
      const stopped = running.length > 0 ? `, which stopped ${running.join(', ')}` : '';
      controller.abort(new SlipwayError('ERR_ABORTED', `interrupted by ${signal}${stopped}`));
    });
  }
  // A reader that went away is no reason for a stack trace. Without standard output there is nothing left to work for;
  // without standard error the work goes on unseen.
  let broken: unknown;
  const stdout = standardStream(1, () =>
    process.stdout.on('error', (cause) => {
      broken ??= cause;
      controller.abort(outputError(cause));
    }),
  );
  const stderr = standardStream(2, () => process.stderr.on('error', () => {}));

  const report = async (error: unknown): Promise<number> => {
    if (interrupted !== undefined) {
      stderr.stream.write(`canceled: ${controller.signal.reason.message}\n`);
      return interrupted;
    }
    // Modules that work that goes well does not load.
    const [{ errorReport }, { exitCodeOf }] = await Promise.all([
      import('./error-report.ts'),
      import('./exit-code.ts'),
    ]);
    const color = Boolean(stderr.stream.isTTY) && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
    stderr.stream.write(errorReport(error, { ...failure, color }));
    return failure.errorCode ?? exitCodeOf(error);
  };
  // A bug outside of any promise that somebody waits for: Node's own exit code, 1, would blame the Dockerfile.
  process.on('uncaughtException', (error) => {
    void report(error).then((code) => process.exit(code));
  });

  // What the launcher took out of Node's way is there for whatever is started here.
  const unread = process.env['SLIPWAY_UNREAD_CA_CERTS'];
  if (unread) process.env['NODE_EXTRA_CA_CERTS'] ??= unread;
  // The S3 client, of a version that runs on this Node, would print that later ones will not.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  let failed: unknown;
  try {
    const streams = { stdout: stdout.stream, stderr: stderr.stream };
    const session = createSession(streams, controller.signal, failure);
    session.takeSignals = (handler) => {
      taker = handler;
      for (const signal of passedOn) process.on(signal, handler);
    };
    await run(process.argv.slice(2), session);
    await drained(stdout.opened());
    // Who went away while the last words were written has all that was wanted.
    if (broken !== undefined && !isReaderGone(broken)) throw outputError(broken);
    process.exitCode = failure.exitCode ?? 0;
  } catch (error) {
    process.exitCode = await report(error);
    failed = error;
  }
  await finishTracing(failed);
  await Promise.all([drained(stdout.opened()), drained(stderr.opened())]);
  // Idle connections and an unread standard input must not keep a finished program.
  process.exit();
}

function createSession(
  streams: Pick<Session, 'stdout' | 'stderr'>,
  signal: AbortSignal,
  failure: FailureContext,
): Session {
  const user = takeOuterUser(process.env);
  return {
    // Asked for, standard input is opened, and the home folder looked up: only where it is needed.
    get stdin() {
      const { stdin } = process;
      // Whoever waits for what nobody types would wait on.
      signal.addEventListener('abort', () => stdin.on('error', () => {}).destroy(signal.reason));
      return stdin;
    },
    get home() {
      return homedir();
    },
    ...streams,
    env: process.env,
    cwd: currentFolder(),
    uid: user.uid,
    enterUserNamespace: user.entered === undefined ? enterNamespace : undefined,
    now: Date.now,
    signal,
    failure,
  };
}

async function enterNamespace(): Promise<void> {
  const { enterUserNamespace } = await import('../userns/enter.ts');
  await enterUserNamespace(process.env);
}

/** @throws ERR_USAGE where it was deleted while somebody was in it. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new SlipwayError('ERR_USAGE', 'the current folder is not there any more', {
      hint: 'change to another one: cd',
    });
  }
}

/** Waits until what was written is out, or is known not to be. */
function drained(stream: NodeJS.WriteStream | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (stream === undefined) resolve();
    // An error is told a moment after it happened.
    else if (stream.destroyed || stream.errored || stream.writableLength === 0) setImmediate(resolve);
    else stream.write('', () => setImmediate(resolve));
  });
}
