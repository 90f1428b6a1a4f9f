// Has this very program begin again inside a user namespace, where it is root over the ids that the user may have.
import { accessSync, constants, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { machineOf } from '../runtime/launcher/machines.ts';
import { createEnterProgram, type EnterOptions, type MapWriter } from './enter-program.ts';
import { markVariable } from './outer-user.ts';
import { replaceProcess } from './replace-process.ts';
import { mapArguments, subordinateIDs } from './subordinate-ids.ts';

function findProgram(name: string, path: string): string | undefined {
  // Setuid programs are often kept from users' PATH.
  for (const folder of [...path.split(':'), '/usr/bin', '/usr/sbin', '/bin']) {
    try {
      if (!folder.startsWith('/')) continue;
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** All ids that there are here, as they are, but for the last: a map of all is what the first namespace has. */
function sameIDs(map: string): string {
  return map
    .trim()
    .split('\n')
    .map((line) => {
      const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
      return `${inside} ${inside} ${Math.min(count, 2 ** 32 - 2)}\n`;
    })
    .join('');
}

/** Who can write maps of several ids for this user; none where nobody can. */
function mapWriters(pid: number, path: string): MapWriter[] {
  const uid = process.geteuid!();
  if (uid === 0) {
    return ['gid_map', 'uid_map'].map((name) => ({
      file: `/proc/${pid}/${name}`,
      text: sameIDs(readFileSync(`/proc/self/${name}`, 'latin1')),
    }));
  }
  const programs = [findProgram('newgidmap', path), findProgram('newuidmap', path)] as const;
  const ranges = subordinateIDs({ name: userName(), id: uid });
  if (ranges === undefined || programs[0] === undefined || programs[1] === undefined) return [];
  return [
    { argv: [programs[0], `${pid}`, ...mapArguments(process.getegid!(), ranges.gid)] },
    { argv: [programs[1], `${pid}`, ...mapArguments(uid, ranges.uid)] },
  ];
}

/** Undefined for users of whom the system knows no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** As they were given: Node has read them as text. */
function readWords(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const words: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0, at);
    const end = found < 0 ? bytes.length : found;
    words.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return words;
}

/**
 * Does not return where it succeeds: the program begins anew, with `markVariable` set. Returns where this machine has no launcher
 * for it, or refuses even that.
 * @param env for PATH, and HOME, which is set where it is not.
 */
export async function enterUserNamespace(env: Record<string, string | undefined>): Promise<void> {
  const machine = process.platform === 'linux' ? machineOf(process.arch) : undefined;
  if (machine === undefined) return;
  const [uid, gid] = [process.geteuid!(), process.getegid!()];
  const path = env['PATH'] ?? '';
  const variables = readWords('/proc/self/environ').filter(
    (word) => !word.toString('latin1').startsWith(`${markVariable}=`),
  );
  if (!env['HOME']) variables.push(Buffer.from(`HOME=${homeFolder()}`));
  const exec: EnterOptions['exec'] = {
    path: process.execPath,
    argv: readWords('/proc/self/cmdline'),
    env: variables,
    marks: { inside: `${markVariable}=${uid}:${gid}`, outside: `${markVariable}=none` },
  };
  const make = (pid: number, rest: Pick<EnterOptions, 'spare' | 'kept' | 'dependent'>): Buffer =>
    createEnterProgram({ machine, uid, gid, exec, writers: mapWriters(pid, path), ...rest });
  replaceProcess(machine, (descriptors) => make(process.pid, { ...descriptors, dependent: false }));
  const { startInside } = await import('./start-inside.ts');
  const program = (pid: number): Buffer =>
    make(pid, { spare: spareNumber, kept: undefined, dependent: true });
  const end = await startInside(machine, program);
  if (end === undefined) return;
  if (end.signal === null) process.exit(end.code ?? 1);
  for (const name of process.eventNames()) process.removeAllListeners(name);
  process.kill(process.pid, end.signal);
}

/** Of a child that has no descriptors but the first four. */
const spareNumber = 64;

function homeFolder(): string {
  try {
    return userInfo().homedir;
  } catch {
    return '/';
  }
}
