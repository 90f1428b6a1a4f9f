// Chooses the runtime, by running a program with it.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { userNamespace } from '../fs/user-namespace.ts';
import type { Runtime, StepMount, StepSpec } from '../seams.ts';
import { createChrootRuntime } from './chroot.ts';
import { findCommand } from './find-command.ts';
import { launcherImage } from './launcher/launcher-image.ts';
import { machineOf } from './launcher/machines.ts';
import { createOciRuntime } from './oci-runtime.ts';
import { createSandboxRuntime } from './sandbox.ts';
import { createUnshareRuntime } from './unshare-sandbox.ts';

/** Plain data, so that it can be remembered. */
export interface RuntimeProbe {
  name: string;
  /** An absolute path of the program that it rests on; `launcher` where that is our own. */
  command: string;
  works: boolean;
  /** Why it does not work. */
  reason?: string;
}

/** Asked for in this order. */
const ociNames = ['crun', 'runc'];

/** A step that borrows the host's programs, read-only, and ends with a code that nothing else gives. */
function probeStep(scratch: string): StepSpec {
  const path = join(scratch, 'root');
  for (const name of ['root', 'scratch']) mkdirSync(join(scratch, name));
  const mounts: StepMount[] = ['/bin', '/lib', '/lib64', '/usr', '/nix/store', '/gnu/store']
    .filter((folder) => existsSync(folder))
    .map((target) => ({ type: 'bind', source: realpathSync(target), target, readonly: true }));
  return {
    root: { type: 'directory', path },
    process: {
      argv: ['/bin/sh', '-c', 'test "$$" = 1 && exit 42'],
      env: ['PATH=/bin:/usr/bin'],
      cwd: '/',
      uid: 0,
      gid: 0,
      groups: [],
    },
    mounts,
    ...{ hostname: 'probe', network: 'default', security: 'sandbox', shmSize: undefined, ulimits: [] },
    scratch: join(scratch, 'scratch'),
  };
}

/** A step in which there is nothing but the launcher, as a program: it ends at once, as nobody tells it what to do. */
function bareStep(scratch: string): StepSpec {
  const step = probeStep(scratch);
  const machine = machineOf(process.arch)!;
  writeFileSync(join(scratch, 'root/probe'), launcherImage(machine), { mode: 0o755 });
  return { ...step, process: { ...step.process, argv: ['/probe'] }, mounts: [] };
}

async function probe(runtime: Runtime, command: string, scratch: string): Promise<RuntimeProbe> {
  const folder = mkdtempSync(join(scratch, 'probe-'));
  const { name } = runtime;
  let stderr = '';
  const onOutput = (_: string, chunk: Buffer): void => {
    stderr = (stderr + chunk).slice(-1000);
  };
  try {
    const signal = AbortSignal.timeout(20_000);
    const isBare = name === 'chroot';
    const step = isBare ? bareStep(folder) : probeStep(folder);
    const { exitCode } = await runtime.run(step, { onOutput }, signal);
    if (exitCode === (isBare ? 1 : 42)) return { name, command, works: true };
    const reason = `a trial step ended with code ${exitCode}: ${stderr.trim()}`;
    return { name, command, works: false, reason };
  } catch (error) {
    return { name, command, works: false, reason: error instanceof Error ? error.message : `${error}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Candidate {
  name: string;
  command: string;
  make(): Runtime;
}

const accepts = {
  auto: () => true,
  oci: (name: string) => ociNames.includes(name),
  sandbox: (name: string) => !ociNames.includes(name) && name !== 'chroot',
  rootless: (name: string) => name === 'sandbox',
  chroot: (name: string) => name === 'chroot',
} as const;

/** Runtimes that may work, in the order of preference. */
function candidates(path: string): Candidate[] {
  const found = (name: string): string[] => [findCommand(name, path)].filter((each) => each !== undefined);
  const launched = (name: string, make: () => Runtime): Candidate[] =>
    machineOf(process.arch) ? [{ name, command: 'launcher', make }] : [];
  return [
    ...launched('sandbox', createSandboxRuntime),
    ...ociNames.flatMap((name) =>
      found(name).map((command) => ({ name, command, make: () => createOciRuntime({ command, path }) })),
    ),
    ...found('unshare').map((command) => ({
      ...{ name: 'unshare', command, make: () => createUnshareRuntime({ path }) },
    })),
    ...launched('chroot', createChrootRuntime),
  ];
}

/** Nobody can enter a user namespace while several threads run: whoever starts the process has to do it. */
const namespaceHint =
  'The command slipway enters a user namespace by itself, where the machine allows one: see slipway doctor. A program that uses the library is to be started in one: unshare --user --map-auto --map-root-user -- node …';

const outsideOfNamespace = (): SlipwayError =>
  new SlipwayError('ERR_RUNTIME_MISSING', 'this process is in no user namespace', { hint: namespaceHint });

export interface RuntimeChoice {
  runtime: Runtime;
  /** What is known by now, in the order in which it was found out. */
  probes: RuntimeProbe[];
}

export interface ChoiceOptions {
  /** PATH for programs of the host. */
  path: string;
  /** What was found out before. */
  known: readonly RuntimeProbe[];
  /** A directory to work in; nothing is left there. Asked for where something is to be found out. */
  scratch(): Promise<string>;
}

/**
 * The first runtime that works and that `isolation` accepts; what is not known is found out by running a program, up to
 * the first that works. The sandbox comes before OCI runtimes, which isolate no better; these before its stand-in from
 * util-linux, which has no filter of system calls.
 * @throws ERR_RUNTIME_MISSING
 */
export async function chooseRuntime(
  isolation: keyof typeof accepts,
  options: ChoiceOptions,
): Promise<RuntimeChoice> {
  if (isolation === 'rootless' && userNamespace() === undefined) throw outsideOfNamespace();
  const probes = [...options.known];
  const reasons: string[] = [];
  for (const { name, command, make } of candidates(options.path)) {
    if (!accepts[isolation](name)) continue;
    let found = probes.find((each) => each.name === name && each.command === command);
    if (found === undefined) {
      found = await probe(make(), command, await options.scratch());
      probes.push(found);
    }
    if (found.works) return { runtime: make(), probes };
    reasons.push(`${name}: ${found.reason ?? 'does not work'}`);
  }
  const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  const message = `there is no runtime that can run steps here${why}`;
  const hint =
    process.getuid?.() !== 0
      ? namespaceHint
      : isolation === 'sandbox'
        ? 'Run as root, with the right to mount, or use an OCI runtime (--isolation=oci).'
        : 'Install one (apt-get install runc) and run as root.';
  throw new SlipwayError('ERR_RUNTIME_MISSING', message, { hint });
}
