// Finds out which runtimes work here, by running a program with each, and chooses one.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Runtime, StepMount, StepSpec } from '../seams.ts';
import { findCommand } from './find-command.ts';
import { createOciRuntime } from './oci-runtime.ts';
import { createSandboxRuntime } from './sandbox.ts';

/** Plain data, so that it can be remembered. */
export interface RuntimeProbe {
  name: string;
  /** An absolute path; of the sandbox the program it rests on. */
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

async function probe(runtime: Runtime, command: string, scratch: string): Promise<RuntimeProbe> {
  const folder = mkdtempSync(join(scratch, 'probe-'));
  const { name } = runtime;
  let stderr = '';
  const onOutput = (_: string, chunk: Buffer): void => {
    stderr = (stderr + chunk).slice(-1000);
  };
  try {
    const signal = AbortSignal.timeout(20_000);
    const { exitCode } = await runtime.run(probeStep(folder), { onOutput }, signal);
    if (exitCode === 42) return { name, command, works: true };
    const reason = `a trial step ended with code ${exitCode}: ${stderr.trim()}`;
    return { name, command, works: false, reason };
  } catch (error) {
    return { name, command, works: false, reason: error instanceof Error ? error.message : `${error}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program with each runtime that is found on `path`, and with the sandbox. In the order of preference.
 * @param options.scratch a directory to work in; nothing is left there.
 */
export async function probeRuntimes(options: { path: string; scratch: string }): Promise<RuntimeProbe[]> {
  const { path, scratch } = options;
  const probes: Promise<RuntimeProbe>[] = ociNames.flatMap((name) => {
    const command = findCommand(name, path);
    return command === undefined ? [] : [probe(createOciRuntime({ command, path }), command, scratch)];
  });
  const unshare = findCommand('unshare', path);
  probes.push(
    unshare === undefined
      ? Promise.resolve({
          ...{ name: 'sandbox', command: 'unshare', works: false },
          reason: 'unshare(1) is not installed',
        })
      : probe(createSandboxRuntime({ path }), unshare, scratch),
  );
  return Promise.all(probes);
}

const accepts = {
  auto: () => true,
  oci: (name: string) => name !== 'sandbox',
  sandbox: (name: string) => name === 'sandbox',
} as const;

/**
 * The first runtime that works and that `isolation` accepts.
 * @param path PATH for programs of the host, as the probes had it.
 * @throws ERR_RUNTIME_MISSING
 */
export function chooseRuntime(
  isolation: 'auto' | 'oci' | 'sandbox',
  probes: readonly RuntimeProbe[],
  path?: string,
): Runtime {
  const candidates = probes.filter(({ name }) => accepts[isolation](name));
  const chosen = candidates.find(({ works }) => works);
  if (chosen !== undefined) {
    return chosen.name === 'sandbox'
      ? createSandboxRuntime({ path })
      : createOciRuntime({ command: chosen.command, path });
  }
  const reasons = candidates.map(({ name, reason }) => `${name}: ${reason ?? 'does not work'}`);
  const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  const message = `there is no runtime that can run steps here${why}`;
  const hint =
    isolation === 'sandbox'
      ? 'Install util-linux and run as root, or use an OCI runtime (--isolation=oci).'
      : 'Install one (apt-get install runc) and run as root.';
  throw new SlipwayError('ERR_RUNTIME_MISSING', message, { hint });
}
