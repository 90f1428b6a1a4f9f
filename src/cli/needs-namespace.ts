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

/** @param argv the words after the command's. */
export function needsNamespace(
  command: string,
  argv: readonly string[],
  { env, uid }: Pick<Session, 'env' | 'uid'>,
): boolean {
  if (!commands.has(command) || process.platform !== 'linux') return false;
  const isolation = isolationOf(argv, env);
  if (argv.some((word) => onlyAsks.test(word))) return false;
  if (uid !== 0 || isolation === 'rootless') return true;
  return isolation === 'auto' && !mayAdminister();
}
