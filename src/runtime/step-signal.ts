// Sends signals to a step's command, whichever runtime started it.
import { readdirSync, readFileSync } from 'node:fs';
import type { SendSignal } from '../seams.ts';

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process ended.
    return '';
  }
}

/** Ids of a process in every pid namespace that it is in, the outermost first. */
const idsOf = (pid: string): string[] =>
  /^NSpid:\s*(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1]?.split(/\s+/) ?? [];

function childrenOf(pid: string): string[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' ')).filter(Boolean);
  } catch {
    return [];
  }
}

/** Process 1 of the pid namespace right within that of `init`; the outermost one, should the step make more. */
function findCommand(init: number): number | undefined {
  const depth = idsOf(`${init}`).length + 1;
  for (let level = [`${init}`]; level.length > 0; level = level.flatMap(childrenOf)) {
    for (const pid of level) {
      const ids = idsOf(pid);
      if (ids.length === depth && ids.at(-1) === '1') return Number(pid);
    }
  }
  return undefined;
}

/** @param init process 1 of the namespace in which the step was put together, as this process sees it. */
export function signalSender(init: number): SendSignal {
  return (signal) => {
    const command = findCommand(init);
    if (command === undefined) return;
    try {
      process.kill(command, signal);
    } catch {
      // It ended by itself.
    }
  };
}
