// The one line that a build prints where its steps are kept less apart from the machine than the sandbox keeps them. Pure.
import type { RungTrial } from './judge-ladder.ts';
import { lacking, ladder, type Protection } from './ladder.ts';

/** What is open: completes "steps …". */
const open: Readonly<Record<Protection, string>> = {
  files: 'can reach files of this machine',
  processes: 'can signal its processes',
  ipc: 'share its IPC and host name',
  capabilities: 'keep all of its capabilities',
  seccomp: 'have no filter of system calls',
  masks: 'see all of /proc and /sys',
  devices: 'can reach its devices',
  root: 'run as its root',
  users: 'run as one user, whoever USER names',
  network: 'have its network, with --network=none too',
  resources: 'have no limits of memory and CPU',
  ulimits: 'have no limits of their own',
  end: 'may leave processes behind',
};

export interface Caution {
  /** What steps do or can do that they could not in the sandbox: `can reach its devices`. */
  open: readonly string[];
  message: string;
  hint: string;
}

/** Undefined where nothing is open that the sandbox closes. @param trial of the runtime that was chosen */
export function cautionOf({ rung, lacks = [] }: Pick<RungTrial, 'rung' | 'lacks'>): Caution | undefined {
  const missing = lacking(rung, lacks);
  if (missing.length === 0) return undefined;
  const told = missing.map((each) => open[each]);
  const means = lacks.length > 0 ? `${ladder[rung].title}, in part` : ladder[rung].title;
  return {
    open: told,
    message: `steps run with less protection than in the sandbox (${means}): they ${told.join(', ')}`,
    hint: 'slipway doctor says what would give more; --require=sandbox refuses less',
  };
}
