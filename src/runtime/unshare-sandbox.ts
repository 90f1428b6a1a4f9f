// Runs steps by way of util-linux, where the launcher can't: on machines that it has no code for, or where the state lies on a
// mount that allows no programs. It has no filter of system calls.
import { SlipwayError } from '../errors.ts';
import { userNamespace } from '../fs/user-namespace.ts';
import type { Runtime, StepIO, StepSpec } from '../seams.ts';
import { readonlyPaths } from './confinement.ts';
import { execFailure } from './exec-failure.ts';
import { findCommand } from './find-command.ts';
import { runLimited } from './limited-step.ts';
import {
  confinementLines,
  deviceLines,
  kernelLines,
  type MountPhase,
  nodeLine,
  rootPhases,
  stepPhases,
  treeSources,
} from './mount-table.ts';
import { type SandboxStart, sandboxCommand } from './sandbox-command.ts';
import { limitOf, setUpHint } from './set-up-hint.ts';
import {
  isKernelFolder,
  isSpared,
  makeStepLayout,
  maskedHere,
  type StepLayout,
  writeMountTables,
} from './step-layout.ts';
import { runStepProcess, type StepOutcome, systemPath } from './step-process.ts';
import { quote, renderPhases, renderStepScript, renderWorkingFolder } from './step-script.ts';

/** Roots first, then the kernel's file systems, then the step's mounts. */
function layOut(step: StepSpec, layout: StepLayout): MountPhase[] {
  const insecure = step.security === 'insecure';
  const { rootfs, devices } = layout;
  const flags = insecure ? [] : ['nodev'];
  const kernel: MountPhase = {
    cwd: '/',
    sources: treeSources(step.mounts, layout),
    points: ['/dev', '/proc', '/sys'].map((path) => ({ below: rootfs, path, like: undefined })),
    lines: [
      ...deviceLines(devices, `${rootfs}/dev`, flags),
      nodeLine('null', layout.input),
      ...kernelLines(rootfs, { shmSize: step.shmSize, writable: insecure }),
      ...(insecure
        ? []
        : confinementLines(rootfs, { masked: maskedHere(), readonly: readonlyPaths }, isKernelFolder)),
    ],
    keepModes: [],
  };
  const [first, ...later] = stepPhases(step.mounts, layout, flags);
  // Mounts that lie apart from all others need no `mount -a` of their own.
  kernel.points.push(...first!.points);
  kernel.lines.push(...first!.lines);
  kernel.keepModes.push(...first!.keepModes);
  return [...rootPhases(step, layout, flags), kernel, ...later];
}

/**
 * What process 1 of the step does before it becomes the step's command. The root is moved over the namespace's own: were
 * it only the target of chroot, CAP_SYS_CHROOT would lead a step out of it, to the host.
 */
function innerScript(step: StepSpec, layout: StepLayout, at: Omit<SandboxStart, 'input'>) {
  return `inner() {
exec 2>&7 3>&7
${isSpared() ? 'echo 0 > /proc/self/oom_score_adj || exit 1' : ''}
${renderPhases(writeMountTables(step.scratch, layOut(step, layout)))}
${renderWorkingFolder(layout.rootfs, step.process.cwd)}
cd ${quote(layout.rootfs)} || exit 1
${step.readonly ? 'mount -o remount,bind,ro . || exit 1' : ''}
mount --move . / || exit 1
${sandboxCommand(step, { ...at, input: layout.input })}
}
inner </dev/null
`;
}

const setHostname = (name: string): string =>
  `{ printf %s ${quote(name)} > /proc/sys/kernel/hostname; } 2>/dev/null || hostname ${quote(name)} || exit 1`;

const raiseLoopback =
  '{ ip link set lo up || ifconfig lo up || busybox ifconfig lo up; } 2>/dev/null || fail "lo can\'t be set up"';

function render(step: StepSpec, at: Omit<SandboxStart, 'input'>): string {
  const inner = innerScript(step, makeStepLayout(step), at);
  let end = 'STEP';
  while (inner.includes(end)) end += '_';
  return renderStepScript({
    setup: [setHostname(step.hostname), ...(step.network === 'none' ? [raiseLoopback] : [])].join('\n'),
    step: `unshare --pid --fork sh -s 8>&2 2>&7 <<'${end}'\n${inner}${end}`,
    after: ':',
    hasInput: at.hasInput,
  });
}

const needs =
  'It needs root, util-linux and the right to mount. Where runc is installed, try --isolation=oci.';

function settle(step: StepSpec, outcome: StepOutcome, io: StepIO): { exitCode: number } {
  const { exitCode, ready, report, message } = outcome;
  const told = (text: string): void => {
    if (text !== '') io.onOutput('stderr', Buffer.from(text));
  };
  if (!ready || exitCode === undefined) {
    throw new SlipwayError('ERR_RUNTIME', `the sandbox could not be set up: ${report.trim()}`, {
      hint: setUpHint(undefined, { needs, isWithin: userNamespace() !== undefined }),
    });
  }
  // unshare(1) ends as its child did, which it can't do after SIGKILL.
  if (exitCode === 1 && report.includes('sigprocmask')) return { exitCode: 137 };
  const unstarted = exitCode === 126 || exitCode === 127;
  const missing = unstarted ? execFailure(message, step.process.argv[0] ?? '') : undefined;
  if (exitCode !== 0 && missing === undefined && /^(unshare|setpriv|prlimit|env): [^\n]+\n$/.test(message)) {
    const hint = message.startsWith('prlimit: ') ? setUpHint(limitOf, { needs, isWithin: false }) : undefined;
    throw new SlipwayError('ERR_RUNTIME', `the sandbox could not start the step: ${message.trim()}`, {
      hint,
    });
  }
  told(missing?.line ?? message);
  return { exitCode: missing?.exitCode ?? exitCode };
}

export interface UnshareOptions {
  /** PATH for programs of the host. */
  path?: string | undefined;
}

/** A runtime for steps; it needs root and util-linux. It has no seccomp filter. */
export function createUnshareRuntime(options: UnshareOptions = {}): Runtime {
  const { path = systemPath } = options;
  let unshare: string | undefined;
  return {
    name: 'unshare',
    async run(step, io, signal) {
      signal.throwIfAborted();
      unshare ??= findCommand('unshare', path);
      if (unshare === undefined) {
        throw new SlipwayError('ERR_RUNTIME_MISSING', 'unshare(1) is not installed', {
          hint: 'Install util-linux.',
        });
      }
      const at = { unshare, hasInput: io.stdin !== undefined };
      return runLimited(step, signal, async (entrances) => {
        const script = render(step, { ...at, entrances });
        const namespaces = ['--uts', '--ipc', ...(step.network === 'none' ? ['--net'] : [])];
        // One that enters a group sees that as the root of all, and makes the namespace there.
        if (entrances.length === 0) namespaces.push('--cgroup');
        const messages = ['prlimit: ', 'env: '];
        const outcome = await runStepProcess({ script, namespaces, path, messages }, io, signal);
        return settle(step, outcome, io);
      });
    },
  };
}
