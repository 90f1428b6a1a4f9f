// Runs steps with an OCI runtime: runc, crun, or one that takes the same options.
import { basename, posix } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Runtime, StepIO, StepSpec } from '../seams.ts';
import { execFailure } from './exec-failure.ts';
import { runLimited } from './limited-step.ts';
import { deviceLines, type MountLine, rootPhases, treeSources } from './mount-table.ts';
import { createOciSpec } from './oci-spec.ts';
import {
  cgroupMounts,
  heldCapabilities,
  makeStepLayout,
  type StepLayout,
  writeMountTables,
} from './step-layout.ts';
import { runStepProcess, type StepOutcome, systemPath } from './step-process.ts';
import {
  cannotEnter,
  enterLines,
  inputOf,
  quote,
  renderPhases,
  renderStepScript,
  words,
} from './step-script.ts';

export interface OciRuntimeOptions {
  /** A name on PATH or a path: `runc`, `/usr/bin/crun`. */
  command: string;
  /** PATH for programs of the host. */
  path?: string | undefined;
}

/** The options by which a runtime does without cgroups of its own. */
const globalOptions = (name: string): string[] =>
  name === 'crun' ? ['--cgroup-manager=disabled'] : ['--rootless=true'];

/**
 * The runtime's state, the bundle and the cgroup mounts, as the runtime sees them. Cgroups are read-only to it: it goes on
 * without a group of its own, so none is left behind where everything is killed. What a device cgroup would forbid, opening
 * nodes that the step made, `nodev` on all of its mounts forbids.
 */
function runtimeLines(layout: StepLayout, cgroups: string[], entrances: readonly string[]): MountLine[] {
  return [
    { source: 'step-proc', target: '/proc', type: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { source: 'bundle', target: layout.bundle, type: 'tmpfs', options: ['mode=700', 'nodev'] },
    // The step's own group stays open.
    ...entrances.map((source, index) => ({
      ...{ source, target: layout.entrance(index), type: 'none', options: ['bind'] },
    })),
    ...cgroups.map((target) => ({
      ...{ source: 'none', target, type: 'none', options: ['remount', 'bind', 'ro'] },
    })),
  ];
}

function render(
  step: StepSpec,
  command: string,
  at: { hasInput: boolean; entrances: readonly string[] },
): string {
  const { hasInput, entrances } = at;
  const layout = makeStepLayout(step, entrances.length);
  const cgroups = cgroupMounts();
  const flags = step.security === 'insecure' ? [] : ['nodev'];
  const phases = rootPhases(step, layout, flags);
  // After the roots: layers may lie behind descriptors of the builder, which the host's /proc alone leads to.
  phases
    .at(-1)!
    .lines.push(
      ...runtimeLines(layout, cgroups, entrances),
      ...deviceLines(layout.devices, layout.dev, flags),
    );
  const sources = treeSources(step.mounts, layout);
  if (sources.length > 0) {
    phases.push({ cwd: '/', sources, points: [], lines: [], keepModes: [] });
  }
  const spec = createOciSpec(step, layout, {
    ...{ flags, cgroup: cgroups.length > 0, held: heldCapabilities() },
  });
  const places = entrances.map((_, index) => layout.entrance(index));
  const { bundle } = layout;
  const run = [command, ...globalOptions(basename(command)), '--root', `${bundle}/state`];
  run.push('--log', `${bundle}/log`, '--log-format', 'json', 'run', '--bundle', bundle, 'step');
  return renderStepScript({
    setup: [
      renderPhases(writeMountTables(step.scratch, phases)),
      `printf %s ${quote(JSON.stringify(spec))} > ${quote(`${bundle}/config.json`)} || exit 1`,
      'echo ready >&3',
    ].join('\n'),
    step:
      entrances.length === 0
        ? `${words(run)} 7>&- ${inputOf(hasInput)}`
        : `(\n${enterLines(places).join('\n')}\nexec ${words(run)} 7>&-\n) ${inputOf(hasInput)}`,
    hasInput,
    // The log tells a failure of the runtime from a command that failed.
    after: `cat ${quote(`${bundle}/log`)} >&3`,
  });
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

/** A runtime for steps; it needs root, util-linux and the command. */
export function createOciRuntime(options: OciRuntimeOptions): Runtime {
  const { command, path = systemPath } = options;
  const name = basename(command);
  // `time=` starts what runc writes where no log is set up yet.
  const messages = [`${name} run failed: `, 'time="', '{"level"'];
  return {
    name,
    async run(step, io, signal) {
      signal.throwIfAborted();
      return runLimited(step, signal, async (entrances) => {
        const script = render(step, command, { hasInput: io.stdin !== undefined, entrances });
        const held = [...messages, ...unknownFormats(step.process)];
        const start = { script, namespaces: [], path, messages: held };
        const outcome = await runStepProcess(start, io, signal);
        return settle(step, outcome, { name, io });
      });
    },
  };
}
