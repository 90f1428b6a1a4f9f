// An attempt to get out of a step: what is tried within RUN, and what it would change outside.
import { release } from 'node:os';
import type { World } from './world.ts';

/** Ways to run a step, as `slipway doctor` names them; `unshare` is the sandbox's stand-in. */
export type Level = 'sandbox' | 'oci' | 'unshare' | 'rootless' | 'chroot';

export interface EscapeAttempt {
  /** Of its own among all. */
  name: string;
  /** What is tried: a row of docs/security.md. */
  what: string;
  /**
   * Dockerfile lines before the step, and flags of its RUN. `$HOST`, `$MARK` and the others of the world's variables are
   * filled in.
   */
  before?: string;
  flags?: string;
  /** Shell lines. `escaped WORDS` says that it worked, as it looks from inside. */
  script: string;
  /** It has a step of its own. */
  alone?: true;
  /** What it did to the world; undefined: nothing. */
  outside?: (world: World, name: string) => string | undefined;
  /** An insecure step gets there: what shows that an escape would be seen. */
  control?: boolean;
  /** What is written to is a copy in a chroot, and is dropped: there only what became of the world counts. */
  copies?: true;
  /** Where it is known to work, and why. */
  open?: Partial<Record<Level, string>>;
}

const [kernel = 0, minor = 0] = release().split('.').map(Number);
/** Whether the kernel can keep a step's signals from others that it shares process ids with. */
export const scopesSignals = kernel > 6 || (kernel === 6 && minor >= 12);

/** Why the stand-in refuses less. */
export const noFilter = { unshare: 'no filter of system calls' } as const;
