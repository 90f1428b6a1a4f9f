// `slipway run`: a command in an image, with this process's streams, signals and exit code.
import type { BuildEvent, Engine, EngineOptions } from '../../index.ts';
import { parseArguments } from '../arguments.ts';
import { splitLeadingFlags } from '../leading-flags.ts';
import { harmless } from '../progress/harmless.ts';
import { createRunningSteps } from '../running-steps.ts';
import type { OutputStream, Session } from '../session.ts';
import { stateRoot } from '../state-root.ts';
import { chooseIsolation, chooseLevel, chooseSnapshotter } from './machine-choices.ts';
import { readRunRequest } from './read-run-request.ts';
import { readRegistrySettings } from './registry-flags.ts';
import { runFlags } from './run-flags.ts';
import { limitTime } from './time-limit.ts';

/** As docker has it, so that no code of the command's own is taken for it. */
const ownFailure = 125;

/**
 * Runs `slipway run` with the words after `run`; the command's exit code becomes the session's.
 * @throws whatever the run throws, and ERR_USAGE, ERR_UNSUPPORTED for the command line
 */
export async function runRun(
  argv: readonly string[],
  session: Session,
  createEngine: (options: EngineOptions) => Pick<Engine, 'run'>,
): Promise<void> {
  session.failure.errorCode = ownFailure;
  const { flags, words } = splitLeadingFlags(runFlags, argv);
  const given = parseArguments(runFlags, flags, 'slipway run');
  session.failure.debug = given.booleans.debug ?? false;
  using limit = limitTime(given.texts.timeout, session);
  session = limit.session;
  const request = readRunRequest(given, words, session);
  const isolation = chooseIsolation(given.texts.isolation, session);
  const engine = createEngine({
    root: stateRoot(given.texts.root, session),
    isolation,
    require: chooseLevel(given.texts.require, isolation, session),
    snapshotter: chooseSnapshotter(given.texts.snapshotter, session),
    parallelism: 1,
    env: session.env,
    registry: readRegistrySettings(given, session),
  });
  const streams = { stdout: session.stdout, stderr: session.stderr };
  const full = { stdout: false, stderr: false };
  const running = createRunningSteps();
  session.failure.running = running.names;
  const onEvent = (event: BuildEvent): void => {
    running.onEvent(event);
    if (given.booleans.quiet) return;
    if (event.type === 'warning') session.stderr.write(`warning: ${harmless(event.message)}\n`);
    if (event.type !== 'started') return;
    session.stderr.write(`${harmless(event.vertex.name.replace('[internal] ', ''))}\n`);
  };
  const { exitCode, memoryLimitHit } = await engine.run(request, {
    signal: session.signal,
    onEvent,
    onOutput(name, chunk) {
      full[name] = !streams[name].write(chunk);
    },
    drained: (name) => (full[name] ? drained(streams[name], session.signal) : undefined),
    onStart(send) {
      session.failure.running = () => [words.map(harmless).join(' ')];
      session.takeSignals?.(send);
    },
  });
  if (memoryLimitHit && exitCode !== 0)
    session.stderr.write('slipway: killed at the memory limit (--memory)\n');
  session.failure.exitCode = exitCode;
}

/** Settles, too, where the reader went away, or the run is to end. */
function drained(stream: OutputStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, settle);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.on(event, settle);
    signal.addEventListener('abort', settle);
  });
}
