// The one line that a build prints where its steps are kept less apart from the machine than the sandbox keeps them. Pure.
import type { RungTrial } from './judge-ladder.ts';
import { lacking, ladder, type Protection, type Rung } from './ladder.ts';

/** What is open where a protection is not there at all; empty where another one says it too. Completes "steps …". */
const open: Readonly<Partial<Record<Protection, string>>> = {
  seccomp: 'have no filter of system calls',
};

function told(rung: Rung, protection: Protection, lacks: readonly Protection[]): string[] {
  const hold = ladder[rung].protections[protection];
  if (hold.holds === 'partly' && !lacks.includes(protection)) return [hold.told];
  return [open[protection] ?? []].flat();
}

export interface Caution {
  /** What steps do or can do that they could not in the sandbox: `run as one user, …`. */
  open: readonly string[];
  message: string;
  hint: string;
}

/** Undefined where nothing is open that the sandbox closes. @param trial of the runtime that was chosen */
export function cautionOf({ rung, lacks = [] }: Pick<RungTrial, 'rung' | 'lacks'>): Caution | undefined {
  const missing = lacking(rung, lacks);
  if (missing.length === 0) return undefined;
  const opened = missing.flatMap((each) => told(rung, each, lacks));
  const means = lacks.length > 0 ? `${ladder[rung].title}, in part` : ladder[rung].title;
  return {
    open: opened,
    message: `steps run with less protection than in the sandbox (${means}): they ${opened.join(', ')}`,
    hint: 'slipway doctor says what would give more; --require=sandbox refuses less',
  };
}
