// The same for machines without koffi: a child goes on in the namespace, and this process waits for it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { launcherImage } from '../runtime/launcher/launcher-image.ts';
import type { Machine } from '../runtime/launcher/machines.ts';

const passedOn = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** What a terminal sends to the child as well. */
const fromTerminals: readonly string[] = ['SIGHUP', 'SIGINT', 'SIGQUIT'];

/** Resolves to how the child ended; undefined where it could not be started. */
export async function startInside(
  machine: Machine,
  makeProgram: (pid: number) => Buffer,
): Promise<{ code: number | null; signal: NodeJS.Signals | null } | undefined> {
  const isTerminal = [0, 1, 2].some((fd) => isatty(fd));
  const folder = mkdtempSync(join(tmpdir(), 'slipway-enter-'));
  try {
    const path = join(folder, 'launcher');
    writeFileSync(path, launcherImage(machine), { mode: 0o700 });
    const child = spawn(path, [], { env: {}, stdio: ['inherit', 'inherit', 'inherit', 'pipe'] });
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null } | undefined>(
      (resolve) => {
        child.once('error', () => resolve(undefined));
        child.once('exit', (code, signal) => resolve({ code, signal }));
      },
    );
    if (child.pid === undefined) return await ended;
    const control = child.stdio[3] as Writable;
    // It ended, which its exit tells.
    control.on('error', () => {});
    control.write(makeProgram(child.pid));
    for (const name of passedOn)
      process.on(name, () => void (isTerminal && fromTerminals.includes(name) ? 0 : child.kill(name)));
    return await ended;
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
