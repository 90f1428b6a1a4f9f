// Runs a step's script in fresh namespaces that end with the builder, and gathers what it reports.
import { type IOType, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { SlipwayError, systemCode } from '../errors.ts';
import type { StepIO } from '../seams.ts';
import { tracePhases } from '../trace.ts';
import { createStderrGate } from './stderr-gate.ts';
import { feed } from './step-input.ts';
import { passOutput } from './step-output.ts';
import { signalSender } from './step-signal.ts';
import { terminate } from './terminate.ts';

/** The default search path for programs of the host. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The script's descriptor for what the step's command reads. */
const inputDescriptor = 9;

export interface StepProcess {
  script: string;
  /** Options of unshare(1) for namespaces besides mount and pid. */
  namespaces: readonly string[];
  /** PATH for programs of the host. */
  path: string;
  /** How a message of the runtime itself on the step's stderr begins. */
  messages: readonly string[];
}

export interface StepOutcome {
  /** Of the step's command; undefined where it did not come to it. */
  exitCode: number | undefined;
  ready: boolean;
  /** What went wrong before, or the log of the runtime. */
  report: string;
  /** What the runtime said on the step's stderr, not passed on yet. */
  message: string;
}

let leaks: number[] | undefined;

/** Descriptors that whoever started this process handed on to its children; Node's own are closed at exec. */
function inheritable(): number[] {
  leaks ??= readdirSync('/proc/self/fd').flatMap((name) => {
    const path = `/proc/self/fdinfo/${name}`;
    if (Number(name) <= 3 || !existsSync(path)) return [];
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & 0o2000000) === 0 ? [Number(name)] : [];
  });
  return leaks;
}

/** The exit code of a process as a shell gives it. */
const codeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  signal === null ? (code ?? 1) : 128 + constants.signals[signal];

/**
 * The step's processes live in a pid namespace whose process 1 is killed with its parent, and the parent is killed with
 * the calling thread: neither processes nor mounts outlive the builder, however it ends.
 *
 * @throws `signal.reason` once nothing of the step is left; ERR_RUNTIME_MISSING without util-linux.
 */
export function runStepProcess(step: StepProcess, io: StepIO, signal: AbortSignal): Promise<StepOutcome> {
  signal.throwIfAborted();
  const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const argv = ['--pdeathsig', 'KILL', ...unshare, ...step.namespaces, 'sh', '-s'];
  // A session of its own: the terminal's interrupt goes to the builder alone.
  const stdio: (IOType | number)[] = ['pipe', 'pipe', 'pipe', 'pipe'];
  const nothing = openSync('/dev/null', 'r');
  for (const descriptor of inheritable()) {
    while (stdio.length < descriptor) stdio.push('ignore');
    stdio[descriptor] = nothing;
  }
  if (io.stdin !== undefined) {
    while (stdio.length < inputDescriptor) stdio.push('ignore');
    stdio[inputDescriptor] = 'pipe';
  }
  const env = { PATH: step.path, LC_ALL: 'C' };
  const phases = tracePhases('runtime', 'start');
  const child = spawn('setpriv', argv, { cwd: '/', detached: true, stdio, env });
  closeSync(nothing);
  const [stdin, , , reports] = child.stdio;
  const input = (child.stdio as unknown as (Duplex | undefined)[])[inputDescriptor];
  const stopFeeding = io.stdin && input ? feed(io.stdin, input) : () => {};
  const gate = createStderrGate([...step.messages, 'unshare: ', 'setpriv: '], (chunk) =>
    io.onOutput('stderr', chunk),
  );
  const outcome: StepOutcome = { exitCode: undefined, ready: false, report: '', message: '' };
  let init: number | undefined;
  let told = false;
  const hurries: (() => void)[] = [];

  const end = (): void => {
    for (const hurry of hurries) hurry();
    // Before its first report the script has started nothing yet; terminate once it has said who it is.
    if (told) terminate(child, init);
  };
  const waitFor = (name: 'stdout' | 'stderr'): Promise<void> | undefined =>
    signal.aborted ? undefined : io.drained?.(name);
  const read = (line: string): void => {
    const [word, value] = line.split(' ');
    if (!told && word === 'pid') {
      told = true;
      phases.next('set up');
      init = Number(value) || undefined;
      if (signal.aborted) end();
    } else if (line === 'ready') {
      outcome.ready = true;
      phases.next('command');
      if (init !== undefined) io.onStart?.(signalSender(init));
    } else if (word === 'exit') {
      outcome.exitCode = Number(value);
      phases.next('clean up');
    } else if (line !== '') outcome.report += `${line}\n`;
  };

  return new Promise((resolve, reject) => {
    let rest = '';
    reports?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) read(line);
    });
    const passed = {
      stdout: (chunk: Buffer) => io.onOutput('stdout', chunk),
      stderr: (chunk: Buffer) => gate.push(chunk),
    };
    for (const name of ['stdout', 'stderr'] as const) {
      hurries.push(
        passOutput(child[name]!, (chunk) => {
          passed[name](chunk);
          return waitFor(name);
        }),
      );
    }
    child.on('exit', stopFeeding);
    signal.addEventListener('abort', end);
    child.on('error', (cause) => {
      phases.end();
      signal.removeEventListener('abort', end);
      const missing = systemCode(cause) === 'ENOENT';
      reject(
        missing
          ? new SlipwayError('ERR_RUNTIME_MISSING', 'setpriv(1) is not installed', {
              ...{ cause, hint: 'Install util-linux.' },
            })
          : new SlipwayError('ERR_RUNTIME', `a step could not be started: ${cause.message}`, { cause }),
      );
    });
    child.on('close', (code, name) => {
      phases.end();
      signal.removeEventListener('abort', end);
      read(rest);
      outcome.message = gate.take();
      if (signal.aborted) reject(signal.reason);
      else {
        if (outcome.exitCode === undefined) {
          outcome.report ||= outcome.message || `the step's process ended with code ${codeOf(code, name)}\n`;
        }
        resolve(outcome);
      }
    });
    // It ends early where the script's start fails, which its exit tells.
    stdin?.on('error', () => {});
    (stdin as NodeJS.WritableStream | null)?.end(step.script);
  });
}
