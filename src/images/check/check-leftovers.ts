// What killed processes leave: locks, leases, temporary files, trash, groups and mounts. None of it is in anybody's way.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reclaimCaches } from '../../build/sweep-state.ts';
import { deadLeases } from '../../fs/lease.ts';
import { staleLocks, sweepLocks } from '../../fs/lock.ts';
import { isAlive, parseIdentity } from '../../fs/process-identity.ts';
import { removeTree } from '../../fs/temp-dir.ts';
import { abandonedIn } from '../../fs/unique-name.ts';
import { deadGroups, removeGroup } from '../../runtime/dead-groups.ts';
import { abandonedParents } from '../../runtime/noted-parents.ts';
import { sweep } from '../../snapshot/sweep.ts';
import { filesIn } from '../disk-files.ts';
import type { CheckParts } from './check-store.ts';

export async function checkLeftovers(parts: CheckParts): Promise<void> {
  await checkLocks(parts);
  await checkTemporary(parts);
  await checkMachine(parts);
}

async function checkLocks({ root, findings }: CheckParts): Promise<void> {
  const snapshots = filesIn(join(root, 'snapshots-v2')).map(({ path }) => join(path, 'locks'));
  for (const folder of [join(root, 'locks'), ...snapshots]) {
    findings.count('locks', { count: filesIn(folder).length });
    for (const { file, pid } of staleLocks(folder)) {
      const holder = pid === undefined ? 'somebody' : `process ${pid}`;
      await findings.found({
        ...{ part: 'locks', kind: 'leftover', path: file, what: `was held by ${holder}, which is dead` },
        remedy: 'it is removed, or taken over by who needs it',
        mend: () => sweepLocks(folder),
      });
    }
  }
  for (const file of deadLeases(root)) {
    await findings.found({
      ...{ part: 'locks', kind: 'leftover', path: file, what: 'was held by a process that is dead' },
      remedy: 'it is removed',
      mend: () => rmSync(file, { force: true }),
    });
  }
}

async function checkTemporary({ root, findings, signal }: CheckParts): Promise<void> {
  const temporary = join(root, 'tmp');
  findings.count('temporary', { count: filesIn(temporary).length });
  const found = (path: string, what: string, mend: () => unknown) =>
    findings.found({
      ...{ part: 'temporary', kind: 'leftover', path, what, mend },
      remedy: 'it is deleted',
    });
  const remove = (path: string) => () => removeTree(path);
  for (const name of abandonedIn(temporary)) {
    const path = join(temporary, name);
    await found(path, 'was left by a process that is dead', remove(path));
  }
  const folders = filesIn(join(root, 'snapshots-v2')).map(({ path }) => path);
  for (const folder of folders) {
    for (const { path } of filesIn(join(folder, 'active'))) {
      const owner = parseIdentity(textOf(join(path, 'owner')) ?? '');
      if (!owner || isAlive(owner) !== false) continue;
      // What it has not finished goes with it.
      await found(path, 'belongs to a process that is dead', () => {
        reclaimCaches(root);
        return sweep(folder, signal);
      });
    }
  }
  for (const trash of [...folders, join(root, 'cache-mounts-v1')].map((folder) => join(folder, 'trash'))) {
    for (const { path } of filesIn(trash)) await found(path, 'is to be deleted', remove(path));
  }
}

/** Mounts end with the namespace of the step that made them, and processes with the builder: neither should be found, ever. */
async function checkMachine({ root, isInUse, findings }: CheckParts): Promise<void> {
  findings.count('machine');
  const noted = abandonedParents(root);
  for (const group of deadGroups(noted.flatMap(({ parents }) => parents))) {
    await findings.found({
      ...{
        part: 'machine',
        kind: 'leftover',
        path: group,
        what: 'is the cgroup of a step whose builder is dead',
      },
      remedy: 'it is removed',
      mend: () => removeGroup(group),
    });
  }
  for (const { file } of noted) {
    await findings.found({
      ...{ part: 'machine', kind: 'leftover', path: file, what: 'names groups of a builder that is dead' },
      remedy: 'it is removed',
      mend: () => rmSync(file, { force: true }),
    });
  }
  // Of builds that are at work there are.
  if (isInUse) return;
  const below = ['tmp', 'snapshots-v2'].map((name) => ` ${join(root, name)}/`);
  const holds = (pid: string): string | undefined =>
    textOf(`/proc/${pid}/mountinfo`)
      ?.split('\n')
      .find((line) => below.some((text) => line.includes(text)))
      ?.split(' ')[4];
  const own = holds('self');
  if (own !== undefined) {
    await findings.found({
      ...{ part: 'machine', kind: 'damage', path: own, what: 'is mounted in the state folder' },
      remedy: `unmount it: umount ${own}`,
    });
  }
  for (const pid of processes()) {
    const mount = own === undefined ? holds(pid) : undefined;
    if (mount === undefined) continue;
    await findings.found({
      ...{ part: 'machine', kind: 'damage', path: `/proc/${pid}`, what: `still has ${mount} mounted` },
      remedy: `end it: kill -9 ${pid}`,
    });
  }
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
