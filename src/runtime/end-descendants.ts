// Ends every process below another one, where no namespace holds them together.
import { readdirSync, readFileSync } from 'node:fs';

interface Seen {
  parent: number;
  /** It has ended, and waits to be asked about. */
  isOver: boolean;
}

function look(pid: string): Seen | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in field 2 may hold spaces and parentheses.
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), isOver: 'ZX'.includes(state) };
  } catch {
    return undefined;
  }
}

/** Ids of those that are below `ancestor`, without those that have ended. */
export function descendantsOf(ancestor: number): number[] {
  const children = new Map<number, { pid: number; isOver: boolean }[]>();
  for (const name of readdirSync('/proc')) {
    const seen = /^\d+$/.test(name) ? look(name) : undefined;
    if (seen === undefined) continue;
    const siblings = children.get(seen.parent);
    const own = { pid: Number(name), isOver: seen.isOver };
    if (siblings) siblings.push(own);
    else children.set(seen.parent, [own]);
  }
  const found: number[] = [];
  for (let level = [ancestor]; level.length > 0; ) {
    const below = level.flatMap((pid) => children.get(pid) ?? []);
    found.push(...below.filter(({ isOver }) => !isOver).map(({ pid }) => pid));
    level = below.map(({ pid }) => pid);
  }
  return found;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** More often than any honest tree of processes needs. */
const rounds = 50;

/** What is stopped can't make others: none is ended before all are stopped. To be called until nothing is left. */
export function endDescendants(ancestor: number): void {
  const stopped = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    const running = descendantsOf(ancestor).filter((pid) => !stopped.has(pid));
    if (running.length === 0) break;
    for (const pid of running) {
      send(pid, 'SIGSTOP');
      stopped.add(pid);
    }
  }
  for (const pid of stopped) send(pid, 'SIGKILL');
}

/** The same as a program of Node's, for what is below itself: it ends when nothing is left. */
export const endOrphans = `
const { readdirSync, readFileSync } = require('node:fs');
const look = ${look.toString()};
const descendantsOf = ${descendantsOf.toString()};
const send = ${send.toString()};
const rounds = ${rounds};
const endDescendants = ${endDescendants.toString()};
const again = () => {
  endDescendants(process.pid);
  if (descendantsOf(process.pid).length > 0) setTimeout(again, 5);
};
again();
`;
