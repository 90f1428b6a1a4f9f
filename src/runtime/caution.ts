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

const noProc = 'have an empty /proc';

/** Undefined where nothing is open that the sandbox closes, and steps lack nothing. @param trial of the runtime that was chosen */
export function cautionOf({
  rung,
  lacks = [],
  proc = true,
}: Pick<RungTrial, 'rung' | 'lacks' | 'proc'>): Caution | undefined {
  const missing = lacking(rung, lacks);
  if (missing.length === 0) {
    if (proc) return undefined;
    const why = 'that of the container around has masks, so that they can have none of their own';
    const hint = 'slipway doctor says what would give them one';
    return { open: [noProc], message: `steps ${noProc}: ${why}`, hint };
  }
  const opened = [...missing.flatMap((each) => told(rung, each, lacks)), ...(proc ? [] : [noProc])];
  const means = lacks.length > 0 ? `${ladder[rung].title}, in part` : ladder[rung].title;
  return {
    open: opened,
    message: `steps run with less protection than in the sandbox (${means}): they ${opened.join(', ')}`,
    hint: 'slipway doctor says what would give more; --require=sandbox refuses less',
  };
}
