// Who the user is outside of the namespace that this program was put into.
import { userNamespace } from '../fs/user-namespace.ts';

/** Tells the program that began again who the user is: `1000:1000`, or `none` where no namespace could be made. */
export const markVariable = 'SLIPWAY_USERNS';

export interface OuterUser {
  /** Undefined where the system has no users. */
  uid: number | undefined;
  /** What became of entering a namespace; undefined: it was not tried. */
  entered: boolean | undefined;
}

/** Takes the mark out of the variables: what is started here begins as everybody does. */
export function takeOuterUser(env: Record<string, string | undefined>): OuterUser {
  const mark = env[markVariable];
  const own = process.getuid?.();
  if (mark === undefined) return { uid: own, entered: undefined };
  delete env[markVariable];
  const uid = /^(\d+):\d+$/.exec(mark)?.[1];
  if (uid === undefined || userNamespace() === undefined) return { uid: own, entered: false };
  return { uid: Number(uid), entered: true };
}
