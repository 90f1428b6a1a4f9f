// A step for an OCI runtime as a shell script with programs of util-linux, where the launcher can't.
import { basename } from 'node:path';
import type { StepSpec } from '../seams.ts';
import { deviceLines, type MountLine, rootPhases, treeSources } from './mount-table.ts';
import { createOciSpec } from './oci-spec.ts';
import {
  cgroupMounts,
  heldCapabilities,
  makeStepLayout,
  maskedHere,
  type StepLayout,
  writeMountTables,
} from './step-layout.ts';
import { enterLines, inputOf, quote, renderPhases, renderStepScript, words } from './step-script.ts';

/** The options by which a runtime does without cgroups of its own. */
export const globalOptions = (name: string): string[] =>
  name === 'crun' ? ['--cgroup-manager=disabled'] : ['--rootless=true'];

/**
 * The runtime's state, the bundle and the cgroup mounts, as the runtime sees them. Cgroups are read-only to it: it goes on
 * without a group of its own, so none is left behind where everything is killed. What a device cgroup would forbid, opening
 * nodes that the step made, `nodev` on all of its mounts forbids.
 */
export function runtimeLines(
  layout: Pick<StepLayout, 'bundle' | 'entrance'>,
  cgroups: string[],
  entrances: readonly string[],
): MountLine[] {
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

export function renderOciScript(
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
    ...{ flags, cgroup: cgroups.length > 0, held: heldCapabilities(), architecture: process.arch },
    masked: maskedHere(),
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
