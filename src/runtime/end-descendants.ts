// Ends every process below another one, where no namespace holds them together.
import { readdirSync, readFileSync } from 'node:fs';

/** More often than any honest tree of processes needs. */
const mostRounds = 50;

/** Stands alone, with no function in it that has a name: its text runs in a program of its own, whatever a bundler made of it. */
function processTree(files: { readdirSync: typeof readdirSync; readFileSync: typeof readFileSync }) {
  return {
    descendantsOf(ancestor: number): number[] {
      const children = new Map<number, { pid: number; isOver: boolean }[]>();
      for (const name of files.readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue;
        try {
          const stat = files.readFileSync(`/proc/${name}/stat`, 'latin1');
          // The name in field 2 may hold spaces and parentheses.
          const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
          // Over is what has ended, and waits to be asked about.
          const own = { pid: Number(name), isOver: 'ZX'.includes(state) };
          const siblings = children.get(Number(parent));
          if (siblings) siblings.push(own);
          else children.set(Number(parent), [own]);
        } catch {
          // It ended meanwhile.
        }
      }
      const found: number[] = [];
      for (let level = [ancestor]; level.length > 0; ) {
        const below = level.flatMap((pid) => children.get(pid) ?? []);
        found.push(...below.filter(({ isOver }) => !isOver).map(({ pid }) => pid));
        level = below.map(({ pid }) => pid);
      }
      return found;
    },
    endDescendants(ancestor: number, rounds: number): void {
      const stopped = new Set<number>();
      for (let round = 0; round < rounds; round++) {
        const running = this.descendantsOf(ancestor).filter((pid) => !stopped.has(pid));
        for (const pid of running) {
          stopped.add(pid);
          try {
            process.kill(pid, 'SIGSTOP');
          } catch {
            // It ended by itself.
          }
        }
        if (running.length === 0) break;
      }
      for (const pid of stopped) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself.
        }
      }
    },
  };
}

const tree = processTree({ readdirSync, readFileSync });

/** Ids of those that are below `ancestor`, without those that have ended. */
export function descendantsOf(ancestor: number): number[] {
  return tree.descendantsOf(ancestor);
}

/** What is stopped can't make others: none is ended before all are stopped. To be called until nothing is left. */
export function endDescendants(ancestor: number): void {
  tree.endDescendants(ancestor, mostRounds);
}

/** The same as a program of Node's, for what is below itself: it ends when nothing is left. */
export const endOrphans = `
const tree = (${processTree.toString()})(require('node:fs'));
const again = () => {
  tree.endDescendants(process.pid, ${mostRounds});
  if (tree.descendantsOf(process.pid).length > 0) setTimeout(again, 5);
};
again();
`;
