// Which command lines are to run in a user namespace, where the user is not root: those that run steps, unpack layers, or delete
// what either left behind.
import { readFileSync } from 'node:fs';
import type { Session } from './session.ts';

const commands = new Set(['bake', 'bench', 'build', 'du', 'prune', 'rmi', 'run']);
/** Nothing is run with these. */
const onlyAsks = /^(--check|--print|--list|--call(=.*)?|--help|-h)$/;
/** Bits of a set of capabilities, as /proc has it. */
const sysAdmin = 1n << 21n;

/** The last word for it wins, as it does where flags are read. */
function isolationOf(argv: readonly string[], env: Session['env']): string {
  let found = env['SLIPWAY_ISOLATION'] || 'auto';
  for (const [index, word] of argv.entries()) {
    if (word === '--') break;
    if (word.startsWith('--isolation=')) found = word.slice('--isolation='.length);
    else if (word === '--isolation') found = argv[index + 1] ?? found;
  }
  return found;
}

function mayAdminister(): boolean {
  try {
    const mask = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return mask === undefined || (BigInt(`0x${mask}`) & sysAdmin) !== 0n;
  } catch {
    return true;
  }
}

/** Where files of /proc are covered, as container engines do it, no other /proc can be mounted in a namespace: steps would have none. */
function hidesProc(): boolean {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'latin1').matchAll(/^(?:\S+ ){4}\/proc(\/\S+) /gm);
    return [...mounts].some(([, path]) => path !== '/sys/fs/binfmt_misc');
  } catch {
    return false;
  }
}

/** @param argv the words after the command's. */
export function needsNamespace(
  command: string,
  argv: readonly string[],
  { env, uid }: Pick<Session, 'env' | 'uid'>,
): boolean {
  if (process.platform !== 'linux') return false;
  const isolation = isolationOf(argv, env);
  // It tells of the machine as it is, and has a copy of itself look at what there is in a namespace.
  if (command === 'doctor') return argv.includes('--isolation=rootless');
  if (!commands.has(command)) return false;
  if (argv.some((word) => onlyAsks.test(word))) return false;
  if (uid !== 0 || isolation === 'rootless') return true;
  // Root can do without, by a chroot.
  return isolation === 'auto' && !mayAdminister() && !hidesProc();
}
