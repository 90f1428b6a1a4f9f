// Runs steps with an OCI runtime: runc, crun, or one that takes the same options.
import { readFileSync, unlinkSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Runtime, StepIO, StepSpec } from '../seams.ts';
import { execFailure } from './exec-failure.ts';
import { findCommand } from './find-command.ts';
import { endIdleKeepers, type Keeper, takeKeeper } from './launcher/keeper.ts';
import { launch } from './launcher/launch.ts';
import { describeFailure, exitCodeOf } from './launcher/launch-outcome.ts';
import type { LaunchProgram } from './launcher/launch-program.ts';
import { runLimited } from './limited-step.ts';
import { createOciProgram } from './oci-program.ts';
import { renderOciScript } from './oci-script.ts';
import { createStderrGate } from './stderr-gate.ts';
import { runStepProcess, type StepOutcome, systemPath } from './step-process.ts';
import { cannotEnter } from './step-script.ts';

export interface OciRuntimeOptions {
  /** A name on PATH or a path: `runc`, `/usr/bin/crun`. */
  command: string;
  /** PATH for programs of the host. */
  path?: string | undefined;
}

interface LogLine {
  level?: string;
  msg?: string;
}

function errorsOf(log: string): string[] {
  return log.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      const { level, msg } = JSON.parse(line) as LogLine;
      return (level === 'error' || level === 'fatal') && msg !== undefined ? [msg] : [];
    } catch {
      return [];
    }
  });
}

function failure(name: string, message: string): SlipwayError {
  return new SlipwayError('ERR_RUNTIME', `${name} could not start the step: ${message.trim()}`, {
    hint: 'Try the built-in sandbox: --isolation=sandbox.',
  });
}

/** What runc says, within the step, where the kernel does not know what to do with a program: not in its log, with code 1. */
function unknownFormats({ argv, env }: StepSpec['process']): string[] {
  const name = argv[0] ?? '';
  const path = env.find((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  const places = name.includes('/') ? [name] : path.split(':').map((folder) => posix.join(folder, name));
  return places.map((place) => `exec ${place}: exec format error`);
}

function settle(
  step: StepSpec,
  outcome: StepOutcome,
  at: { name: string; io: StepIO },
): { exitCode: number } {
  const { exitCode, ready, report, message } = outcome;
  if (!ready || exitCode === undefined || report.startsWith(cannotEnter)) throw failure(at.name, report);
  const errors = errorsOf(report);
  const told = (text: string): void => {
    if (text !== '') at.io.onOutput('stderr', Buffer.from(text));
  };
  // A command that ran makes no errors in the log, whatever its code.
  if (exitCode === 0 || errors.length === 0) {
    const unknown = exitCode === 1 && unknownFormats(step.process).includes(message.trimEnd());
    const found = unknown ? execFailure(message, step.process.argv[0] ?? '') : undefined;
    told(found?.line ?? message);
    return { exitCode: found?.exitCode ?? exitCode };
  }
  const missing = errors
    .filter((text) => /\bexec\b/.test(text))
    .map((text) => execFailure(text, step.process.argv[0] ?? ''))
    .find((found) => found !== undefined);
  if (missing === undefined) throw failure(at.name, errors.at(-1) ?? message);
  told(missing.line);
  return { exitCode: missing.exitCode };
}

interface Start {
  command: string;
  path: string;
  entrances: readonly string[];
  /** How a message of the runtime itself on the step's stderr begins. */
  messages: readonly string[];
}

async function runLaunched(
  step: StepSpec,
  start: Start & { keeper: Keeper },
  at: { io: StepIO; signal: AbortSignal },
): Promise<StepOutcome> {
  const { io, signal } = at;
  const { command, path, entrances } = start;
  const log = `${step.scratch}/log`;
  const gate = createStderrGate(start.messages, (chunk) => io.onOutput('stderr', chunk));
  const gated: StepIO = {
    ...io,
    onOutput: (name, chunk) => (name === 'stderr' ? gate.push(chunk) : io.onOutput(name, chunk)),
  };
  let made: LaunchProgram | undefined;
  const { keeper } = start;
  const outcome = await launch(
    {
      keeper,
      another: () => takeKeeper(step.scratch),
      program(machine) {
        made = createOciProgram(step, {
          ...{ machine, command, path, entrances, log, builder: process.pid },
          ...{ hasInput: io.stdin !== undefined, tellStart: io.onStart !== undefined },
        });
        return made.finish();
      },
    },
    gated,
    signal,
  );
  const message = gate.take();
  const failed = describeFailure(made!, outcome.failures[0]);
  if (failed !== undefined || outcome.status === undefined)
    return { exitCode: undefined, ready: false, report: failed ?? message, message };
  const exitCode = exitCodeOf(outcome.status);
  return { exitCode, ready: true, report: takeLog(log), message };
}

/** Without it the folder serves the next step. */
function takeLog(path: string): string {
  try {
    const log = readFileSync(path, 'utf8');
    unlinkSync(path);
    return log;
  } catch {
    // There was nothing to say.
    return '';
  }
}

/** A runtime for steps; it needs root and the command, and util-linux where the launcher can't be started. */
export function createOciRuntime(options: OciRuntimeOptions): Runtime {
  const { command, path = systemPath } = options;
  const name = basename(command);
  // `time=` starts what runc writes where no log is set up yet.
  const messages = [`${name} run failed: `, 'time="', '{"level"'];
  return {
    name,
    release: endIdleKeepers,
    async run(step, io, signal) {
      signal.throwIfAborted();
      return runLimited(step, signal, async (entrances) => {
        const held = [...messages, ...unknownFormats(step.process)];
        const place = command.includes('/') ? command : findCommand(command, path);
        if (place === undefined) throw failure(name, 'it is not on PATH');
        const keeper = takeKeeper(step.scratch);
        if (keeper !== undefined) {
          const start = { keeper, command: place, path, entrances, messages: held };
          return settle(step, await runLaunched(step, start, { io, signal }), { name, io });
        }
        const script = renderOciScript(step, command, { hasInput: io.stdin !== undefined, entrances });
        const outcome = await runStepProcess({ script, namespaces: [], path, messages: held }, io, signal);
        return settle(step, outcome, { name, io });
      });
    },
  };
}
