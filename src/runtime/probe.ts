// Chooses the runtime, by running a program with it.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SlipwayError } from '../errors.ts';
import { userNamespace } from '../fs/user-namespace.ts';
import type { Runtime, StepMount, StepSpec } from '../seams.ts';
import { createChrootRuntime } from './chroot.ts';
import { findCommand } from './find-command.ts';
import { meets, type RungTrial } from './judge-ladder.ts';
import type { Protection, Rung } from './ladder.ts';
import { launcherImage } from './launcher/launcher-image.ts';
import { machineOf } from './launcher/machines.ts';
import type { MachineFacts } from './machine-facts.ts';
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
  rung: Rung;
  /** Of what the rung promises. */
  lacks: readonly Protection[];
  /** False: steps have none. */
  proc?: boolean;
  make(): Runtime;
}

const accepts = {
  auto: () => true,
  oci: (name: string) => ociNames.includes(name),
  sandbox: (name: string) => !ociNames.includes(name) && name !== 'chroot',
  rootless: (name: string) => name === 'sandbox',
  chroot: (name: string) => name === 'chroot',
} as const;

/** The rung of whatever makes namespaces within a user namespace. */
function rungWithin(): Rung | undefined {
  const namespace = userNamespace();
  return namespace && (namespace.kind === 'subuid' ? 'rootless' : 'rootless-single');
}

/** Runtimes that may work, in the order of preference. */
function candidates({ path, within = rungWithin() }: Pick<ChoiceOptions, 'path' | 'within'>): Candidate[] {
  const found = (name: string): string[] => [findCommand(name, path)].filter((each) => each !== undefined);
  const lacks: Protection[] = [];
  const launched = (name: string, rung: Rung, make: () => Runtime): Candidate[] =>
    machineOf(process.arch) ? [{ name, command: 'launcher', rung, lacks, make }] : [];
  const withoutProc = (rung: Rung): Candidate[] =>
    launched('sandbox', rung, () => createSandboxRuntime({ proc: false })).map((one) => ({
      ...one,
      ...{ command: 'launcher without /proc', proc: false },
    }));
  return [
    ...launched('sandbox', within ?? 'sandbox', createSandboxRuntime),
    ...ociNames.flatMap((name) =>
      found(name).map((command) => ({
        ...{ name, command, rung: within ?? ('oci' as const), lacks },
        make: () => createOciRuntime({ command, path }),
      })),
    ),
    ...found('unshare').map((command) => ({
      ...{ name: 'unshare', command, rung: within ?? ('sandbox' as const), lacks: ['seccomp' as const] },
      make: () => createUnshareRuntime({ path }),
    })),
    ...(within ? withoutProc(within) : []),
    ...launched('chroot', 'chroot', createChrootRuntime),
  ];
}

export interface RuntimeChoice {
  runtime: Runtime;
  /** Where it stands on the isolation ladder. */
  trial: RungTrial;
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
  /** Of this machine; asked for where they explain a failure. */
  facts(): Promise<MachineFacts>;
  /** The least that will do. */
  require?: Rung | undefined;
  /** The rung of all that makes namespaces, where this process is in a user namespace; looked up where not given. */
  within?: Rung | undefined;
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
  const probes = [...options.known];
  const reasons: string[] = [];
  const lesser: RungTrial[] = [];
  const tried: RungTrial[] = [];
  const nothing = async (message: string): Promise<SlipwayError> => {
    const { noRuntime } = await import('./no-runtime.ts');
    return noRuntime(message, isolation, { trials: tried, facts: await options.facts() });
  };
  if (isolation === 'rootless' && userNamespace() === undefined)
    throw await nothing('this process is in no user namespace');
  for (const candidate of candidates(options)) {
    const { name, command, rung, lacks, proc, make } = candidate;
    if (!accepts[isolation](name)) continue;
    const enough = options.require === undefined || meets(candidate, options.require);
    if (!enough && lesser.length > 0) continue;
    let found = probes.find((each) => each.name === name && each.command === command);
    if (found === undefined) {
      found = await probe(make(), command, await options.scratch());
      probes.push(found);
    }
    const trial: RungTrial = { ...found, rung, lacks, proc };
    tried.push(trial);
    if (found.works && enough) return { runtime: make(), trial, probes };
    if (found.works) lesser.push(trial);
    else reasons.push(`${name}: ${found.reason ?? 'does not work'}`);
  }
  if (options.require !== undefined && lesser[0] !== undefined) {
    const { refusal } = await import('./refusal.ts');
    throw refusal({ trial: lesser[0], require: options.require, facts: await options.facts() });
  }
  const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  throw await nothing(`there is no runtime that can run steps here${why}`);
}

/** All that may run steps here, each tried anew and at once. */
export async function tryRuntimes(
  options: Pick<ChoiceOptions, 'path' | 'within'> & { scratch: string },
): Promise<RungTrial[]> {
  const runtimes: Runtime[] = [];
  const trials = await Promise.all(
    candidates(options).map(async ({ command, rung, lacks, proc, make }) => {
      const runtime = make();
      runtimes.push(runtime);
      return { ...(await probe(runtime, command, options.scratch)), rung, lacks, proc };
    }),
  );
  // What one lets go of another may be waiting for.
  for (const runtime of runtimes) runtime.release?.();
  return trials;
}
