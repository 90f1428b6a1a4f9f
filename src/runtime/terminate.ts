// Ends a step: every process of it, at once.
import type { ChildProcess } from 'node:child_process';

/**
 * Kills the process that all others of the step live below: process 1 of the outer pid namespace. Its parent, which
 * `child` is, returns only after the kernel has ended every process of that namespace and of those within it.
 *
 * @param init the id of that process on the host; where it is unknown its parent is killed, and it dies of that.
 */
export function terminate(child: ChildProcess, init: number | undefined): void {
  // Once the parent is gone the id may be someone else's.
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (init === undefined) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(init, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
