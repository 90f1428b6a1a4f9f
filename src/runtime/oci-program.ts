// A step for an OCI runtime as a program for the launcher: init mounts what the runtime is to find, then the runtime starts.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { StepSpec } from '../seams.ts';
import { addDevices } from './launcher/device-calls.ts';
import { addFrame, messages, namespaces, pipeNumbers, tell } from './launcher/launch-frame.ts';
import { createLaunchProgram, type LaunchProgram } from './launcher/launch-program.ts';
import type { Machine } from './launcher/machines.ts';
import { createMountCalls } from './launcher/mount-calls.ts';
import { addEvenChances, addScope, addStreams, enterGroups } from './launcher/step-calls.ts';
import { rootPhases, treeSources } from './mount-table.ts';
import { globalOptions, runtimeLines } from './oci-script.ts';
import { createOciSpec } from './oci-spec.ts';
import {
  cgroupMounts,
  heldCapabilities,
  hostNodes,
  isDirectory,
  isSpared,
  makeMountPoint,
  makeRootFolders,
  maskedHere,
} from './step-layout.ts';

const currentFolder = -100;
/** O_WRONLY, O_CREAT, O_CLOEXEC. */
const createForWriting = 0o1 | 0o100 | 0o2000000;

export interface OciProgramOptions {
  machine: Machine;
  /** The absolute path of the runtime. */
  command: string;
  /** PATH for programs of the host. */
  path: string;
  builder: number;
  hasInput: boolean;
  tellStart: boolean;
  /** Files by which the step enters its cgroups. */
  entrances: readonly string[];
  /** Where the runtime writes what went wrong. */
  log: string;
}

/** Writes `content` where only init and what it starts see it. */
function addFile(
  { call, bytes, argumentAhead }: LaunchProgram,
  path: ReturnType<LaunchProgram['text']>,
  content: Buffer,
): void {
  const what = 'writing config.json';
  call('openat', [currentFolder, path, createForWriting, 0o600], { what, into: argumentAhead(0) });
  call('write', [0, bytes(content), content.length], { what });
}

export function createOciProgram(step: StepSpec, options: OciProgramOptions): LaunchProgram {
  const { machine, command, path, entrances, hasInput, log } = options;
  const insecure = step.security === 'insecure';
  const flags = insecure ? [] : ['nodev'];
  const at = (name: string): string => `${step.scratch}/${name}`;
  const places = { ...makeRootFolders(step), dev: at('dev') };
  const bundle = at('bundle');
  const entrance = (index: number): string => at(`cgroup${index}`);
  for (const folder of [bundle, places.dev]) makeMountPoint(folder);
  for (const index of entrances.keys()) writeFileSync(entrance(index), '');
  const cgroups = cgroupMounts();
  const spec = createOciSpec(step, places, {
    ...{ flags, cgroup: cgroups.length > 0, held: heldCapabilities(), architecture: process.arch },
    masked: maskedHere(),
  });

  const program = createLaunchProgram(machine);
  const { call, text } = program;
  const numbers = pipeNumbers(hasInput);
  const mounts = createMountCalls(program, {
    ...{ spare: numbers.free, isDirectory, scratch: step.scratch, staging: places.nodes },
  });
  addFrame(program, {
    ...{ builder: options.builder, hasInput, initFlags: namespaces.pid | namespaces.mount, insideFlags: 0 },
    prepare() {
      call('umask', [0o022]);
      mounts.makePrivate();
      for (const phase of rootPhases(step, places, flags)) mounts.add(phase);
      // After the roots: layers may lie behind descriptors of the builder, which the host's /proc alone leads to.
      for (const line of runtimeLines({ bundle, entrance }, cgroups, entrances)) mounts.line(line);
      const nodes = hostNodes(insecure);
      addDevices(program, mounts, { folder: places.dev, store: places.nodes, nodes, flags });
      const sources = treeSources(step.mounts, places);
      mounts.add({ cwd: '/', sources, points: [], lines: [], keepModes: [] });
      addFile(program, mounts.path(`${bundle}/config.json`), Buffer.from(JSON.stringify(spec)));
      if (options.tellStart) tell(program, messages.ready);
    },
    inside(failed) {
      const places = entrances.map((_, index) => entrance(index));
      addEvenChances(program, mounts, isSpared());
      enterGroups(program, mounts, places);
      addScope(program, step);
      addStreams(program, numbers, 0);
      const words = [command, ...globalOptions(basename(command)), '--root', `${bundle}/state`];
      words.push('--log', log, '--log-format', 'json', 'run', '--bundle', bundle, 'step');
      const [args, variables] = [words, [`PATH=${path}`, 'LC_ALL=C', 'GOMAXPROCS=1']].map((list) =>
        program.words([...list.map((each) => text(each)), 0]),
      );
      call('execve', [text(command), args!, variables!], { what: `starting ${command}` });
      call('exit_group', [127], { failed });
    },
  });
  return program;
}
