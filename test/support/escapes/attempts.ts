// All attempts to get out of a step.
import type { EscapeAttempt } from './attempt.ts';
import { deviceAttempts } from './device-attempts.ts';
import { fileAttempts, hostAttempts, processAttempts } from './host-attempts.ts';
import { kernelAttempts } from './kernel-attempts.ts';
import { namespaceAttempts } from './namespace-attempts.ts';

/** By what they are about, as docs/security.md lists them. */
export const escapeAttempts: Readonly<Record<string, readonly EscapeAttempt[]>> = {
  Devices: deviceAttempts,
  'The kernel': kernelAttempts,
  'Mounts, namespaces, processes of the host': namespaceAttempts,
  "The host's files, settings and network": hostAttempts,
  'The context, the store, links': fileAttempts,
  'Processes left behind': processAttempts,
};

export const allAttempts: readonly EscapeAttempt[] = Object.values(escapeAttempts).flat();
