// Users and groups as the image's own /etc/passwd and /etc/group know them.
import { readFileSync } from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import type { Tree } from '../seams.ts';
import { resolvePath } from '../tree/resolve.ts';

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

export interface ProcessUser {
  uid: number;
  gid: number;
  /** Supplementary groups. */
  groups: number[];
  home: string;
}

/** Larger files are not read: no real one comes near it. */
const sizeLimit = 16 << 20;
const isNumber = (text: string): boolean => /^\d+$/.test(text);

function fields(tree: Tree, path: string): string[][] {
  const file = resolvePath(tree, path, { followLast: true });
  const entry = tree.lstat(file);
  if (entry?.type !== 'file' || entry.size > sizeLimit) return [];
  try {
    const text = readFileSync(tree.hostPath(file), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(':'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function passwd(tree: Tree): PasswdEntry[] {
  return fields(tree, '/etc/passwd').map(([name = '', , uid = '', gid = '', , home = '']) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    home,
  }));
}

function groups(tree: Tree): GroupEntry[] {
  return fields(tree, '/etc/group').map(([name = '', , gid = '', members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter(Boolean),
  }));
}

function split(spec: string): [string, string | undefined] {
  const at = spec.indexOf(':');
  return at < 0 ? [spec, undefined] : [spec.slice(0, at), spec.slice(at + 1)];
}

function notFound(kind: 'user' | 'group', name: string): SlipwayError {
  return new SlipwayError(
    'ERR_USER_NOT_FOUND',
    `unable to find ${kind} ${name}: no matching entries in ${kind === 'user' ? 'passwd' : 'group'} file`,
    {
      hint: `create it in the image (RUN ${kind === 'user' ? 'useradd' : 'groupadd'} ${name}), or give its number`,
    },
  );
}

/** As runc has it. */
const isID = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < 2 ** 31;

/** @throws ERR_USER_NOT_FOUND */
function inRange(id: number, name: string): number {
  if (isID(id)) return id;
  throw new SlipwayError(
    'ERR_USER_NOT_FOUND',
    `${JSON.stringify(name)} has the number ${id}, which no user or group can have`,
    {
      hint: 'numbers go from 0 to 2147483647: look into /etc/passwd and /etc/group of the image',
    },
  );
}

/**
 * Who a RUN runs as. A number needs no entry, nor does root where a group is given as a number or root; a named group, or
 * none, decides about supplementary groups as runc does, and of these a line that holds no number is passed over.
 * @throws ERR_USER_NOT_FOUND
 */
export function processUser(tree: Tree, spec: string): ProcessUser {
  const [name, group] = split(spec);
  const known = passwd(tree);
  const named = known.find((candidate) => candidate.name === name);
  const isRoot = name === '' || (name === 'root' && !named && /^(?:\d+|root)$/.test(group ?? ''));
  const user = isRoot ? '0' : name;
  const entry = named ?? (isNumber(user) ? known.find(({ uid }) => uid === Number(user)) : undefined);
  if (!entry && !isNumber(user)) throw notFound('user', user);
  const uid = inRange(entry?.uid ?? Number(user), user);
  const home = entry?.home || (uid === 0 && !entry ? '/root' : '/');
  if (group !== undefined && group !== '') {
    const gid = isNumber(group)
      ? Number(group)
      : (groups(tree).find((candidate) => candidate.name === group)?.gid ??
        (group === 'root' ? 0 : undefined));
    if (gid === undefined) throw notFound('group', group);
    inRange(gid, group);
    return { uid, gid, groups: [gid], home };
  }
  const gid = inRange(entry?.gid ?? 0, user);
  const extra = entry
    ? groups(tree)
        .filter(({ gid, members }) => members.includes(entry.name) && isID(gid))
        .map((candidate) => candidate.gid)
    : [];
  return { uid, gid, groups: [...new Set([gid, ...extra])], home };
}

/** Who owns what WORKDIR makes: without a group, the user's own, or the same number. Root is 0, whatever passwd says. */
export function directoryOwner(tree: Tree, spec: string): { uid: number; gid: number } {
  if (spec === '') return { uid: 0, gid: 0 };
  const [name, group] = split(spec);
  const user = name === 'root' ? '0' : name;
  const owner = processUser(tree, group === undefined ? user : `${user}:${group}`);
  const unknown = isNumber(user) && !passwd(tree).some(({ uid }) => uid === Number(user));
  return { uid: owner.uid, gid: unknown && !group ? owner.uid : owner.gid };
}

/**
 * Who owns what COPY --chown copies. As BuildKit: a number alone is the group, too; a name that is unknown is root.
 * @throws ERR_USER_NOT_FOUND for names where there is no root to look them up in.
 */
export function copyOwner(tree: Tree | undefined, spec: string): { uid: number; gid: number } {
  const [user, group] = split(spec);
  const lookUp = (kind: 'user' | 'group', name: string): { id: number; group: number } => {
    if (isNumber(name)) return { id: Number(name), group: Number(name) };
    if (!tree) throw notFound(kind, name);
    if (kind === 'group')
      return { id: groups(tree).find((entry) => entry.name === name)?.gid ?? 0, group: 0 };
    const entry = passwd(tree).find((candidate) => candidate.name === name);
    return { id: entry?.uid ?? 0, group: entry?.gid ?? 0 };
  };
  const owner = lookUp('user', user === '' ? '0' : user);
  // An empty group, as in `app:`, is root's.
  const gid = group === undefined ? owner.group : lookUp('group', group === '' ? '0' : group).id;
  return { uid: inRange(owner.id, user), gid: inRange(gid, group ?? user) };
}
