// Who a process is, beyond a number that is used again: what locks and temporary folders write down so that a dead owner is known.
import { readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from '../errors.ts';

export interface ProcessIdentity {
  pid: number;
  /** Clock ticks from boot to the process's start (proc(5), starttime); '' where /proc doesn't tell. */
  start: string;
  /** The boot and the pid namespace within which `pid` and `start` mean something; '' where unknown. */
  space: string;
}

let own: ProcessIdentity | undefined;

/** Of this process; read once. */
export function ownIdentity(): ProcessIdentity {
  own ??= readOwn();
  return own;
}

function readOwn(): ProcessIdentity {
  const unknown = { pid: process.pid, start: '', space: '' };
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // Where /proc shows another pid namespace than ours, its numbers are of no use.
    if (Number.parseInt(stat, 10) !== process.pid) return unknown;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return { ...unknown, start: startOf(stat), space: `${boot} ${readlinkSync('/proc/self/ns/pid')}` };
  } catch {
    return unknown;
  }
}

function fieldsOf(stat: string): string[] {
  // The name in field 2 may hold spaces and parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function startOf(stat: string): string {
  return fieldsOf(stat)[19] ?? '';
}

/** Whether that very process still runs; undefined where it can't be told from here. A zombie counts as dead. */
export function isAlive(identity: ProcessIdentity): boolean | undefined {
  if (identity.space === '' || identity.space !== ownIdentity().space) return undefined;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  try {
    const stat = readFileSync(`/proc/${identity.pid}/stat`, 'latin1');
    return startOf(stat) === identity.start && !'ZX'.includes(fieldsOf(stat)[0] ?? '');
  } catch (error) {
    // It ended between the two calls, or /proc hides other users' processes.
    return systemCode(error) === 'ESRCH' ? false : undefined;
  }
}

/** Reads an identity back from JSON; undefined where the text holds none. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessIdentity> | null;
    const { pid, start, space } = value ?? {};
    const sound = Number.isSafeInteger(pid) && pid! > 0;
    return sound && typeof start === 'string' && typeof space === 'string'
      ? { pid: pid!, start, space }
      : undefined;
  } catch {
    return undefined;
  }
}
