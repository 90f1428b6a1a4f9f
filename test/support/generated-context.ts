// A build context made up from a seed: files, folders, links, and archives of such.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, linkSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pack } from 'tar-stream';
import { createRandom, type Random } from './random.ts';

export type ContextEntry = { path: string; mtime: number } & (
  | { type: 'file'; mode: number; content: string | Buffer }
  | { type: 'folder'; mode: number }
  | { type: 'symlink' | 'hardlink'; target: string }
);

export interface GeneratedContext {
  /** Folders before what they hold. */
  entries: ContextEntry[];
  /** Paths of plain files. */
  files: string[];
  folders: string[];
  archives: string[];
}

const fileModes = [0o644, 0o644, 0o755, 0o600, 0o400, 0o4755, 0o2750, 0o666];
const folderModes = [0o755, 0o755, 0o700, 0o1777, 0o2775];
const names = ['a', 'b.txt', 'c-d', '.hidden', 'with space', 'ünï', 'long'.repeat(20)];

/** The same for a name whatever the seed: what two builds have in common may come from one of them. */
const timeOf = (name: string): number =>
  1_000_000_000 + (createHash('sha256').update(name).digest().readUInt32BE(0) % 600_000_000);

/** A folder's files and links; names are told apart by their folder. */
function fill(random: Random, folder: string, entries: ContextEntry[]): string[] {
  const made: string[] = [];
  for (const name of random.some(names, 5)) {
    const path = `${folder}/${name}`;
    const content = `${path} ${random.number(1e6)}\n`.repeat(1 + random.number(40));
    entries.push({ path, type: 'file', mode: random.pick(fileModes), content, mtime: timeOf(path) });
    made.push(path);
  }
  const first = made[0]!.slice(folder.length + 1);
  if (random.chance(50))
    entries.push({ path: `${folder}/link`, type: 'symlink', target: first, mtime: timeOf(first) });
  if (random.chance(40)) {
    entries.push({ path: `${folder}/hard`, type: 'hardlink', target: made[0]!, mtime: 0 });
  }
  return made;
}

type Headers = Parameters<ReturnType<typeof pack>['entry']>[0];

interface Member {
  header: Headers;
  content: Buffer;
}

/** CAP_NET_BIND_SERVICE, permitted and effective, as the kernel keeps it (capabilities(7), version 2). */
const capability = '\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0';

function members(random: Random): Member[] {
  const list: Member[] = [];
  const add = (header: Headers, content = ''): void => {
    const owner = { uid: random.pick([0, 0, 1000, 4321]), gid: random.pick([0, 2000]) };
    list.push({
      header: { mtime: new Date(timeOf(header.name) * 1000), ...owner, ...header },
      content: Buffer.from(content),
    });
  };
  if (random.chance(70)) add({ name: 'top/', type: 'directory', mode: random.pick(folderModes) });
  add({ name: 'top/one', mode: random.pick(fileModes) }, `one ${random.number(1e6)}\n`);
  add({ name: 'two', mode: random.pick(fileModes) }, `two ${random.number(1e6)}\n`);
  if (random.chance(50)) add({ name: 'top/sub/deep/three', mode: 0o640 }, 'three\n');
  if (random.chance(60)) add({ name: 'top/soft', type: 'symlink', linkname: 'one' });
  if (random.chance(60)) {
    // As tar(1) writes it: a link's header repeats its file's.
    const { mode, uid, gid, mtime } =
      list.at(-1)!.header.name === 'two'
        ? list.at(-1)!.header
        : list.find(({ header }) => header.name === 'two')!.header;
    const header = { name: 'top/same', type: 'link' as const, linkname: 'two', mode, uid, gid, mtime };
    list.push({ header: header as Headers, content: Buffer.alloc(0) });
  }
  if (random.chance(40)) {
    add(
      { name: 'capable', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': capability } },
      'capable\n',
    );
  }
  return list;
}

async function archive(random: Random): Promise<Buffer> {
  const tar = pack();
  for (const { header, content } of members(random)) tar.entry(header, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const compressors: Record<string, string[]> = {
  tar: [],
  'tar.gz': ['gzip', '-nc'],
  'tar.xz': ['xz', '-0c'],
  'tar.bz2': ['bzip2', '-c'],
};

export async function generateContext(seed: number): Promise<GeneratedContext> {
  const random = createRandom(seed ^ 0x5bd1e995);
  const entries: ContextEntry[] = [];
  const files: string[] = [];
  const folders = ['src', 'src/inner', 'data'];
  for (const path of folders) {
    entries.push({ path, type: 'folder', mode: random.pick(folderModes), mtime: timeOf(path) });
    files.push(...fill(random, path, entries));
  }
  const rest = { path: 'data/rest', type: 'folder' as const, mode: 0o755, mtime: timeOf('rest') };
  entries.push(rest);
  // What builders differ about when a pattern meets it: sources that lead nowhere, names that are patterns themselves.
  const dangling = `${rest.path}/dangling`;
  if (random.chance(40))
    entries.push({ path: dangling, type: 'symlink', target: '../no', mtime: timeOf(dangling) });
  const bracket = { path: `${rest.path}/[x]`, mode: 0o644, content: 'x\n', mtime: timeOf('x') };
  if (random.chance(40)) entries.push({ ...bracket, type: 'file' });
  const archives: string[] = [];
  for (const form of random.some(Object.keys(compressors), 2)) {
    const [command, ...args] = compressors[form]!;
    const tar = await archive(random);
    const content = command === undefined ? tar : execFileSync(command, args, { input: tar });
    const path = `pack-${archives.length}.${form}`;
    entries.push({ path, type: 'file', mode: 0o644, content, mtime: timeOf(path) });
    archives.push(path);
  }
  entries.push({
    path: 'no.tar',
    type: 'file',
    mode: 0o644,
    content: 'no archive\n',
    mtime: timeOf('no.tar'),
  });
  files.push('no.tar');
  return { entries, files, folders: [...folders, rest.path], archives };
}

/** Writes it into a folder; times are set in the end, folders' last. */
export function writeContext(folder: string, context: GeneratedContext): void {
  for (const entry of context.entries) {
    const path = join(folder, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    if (entry.type === 'folder') mkdirSync(path, { recursive: true });
    else if (entry.type === 'file') writeFileSync(path, entry.content);
    else if (entry.type === 'symlink') symlinkSync(entry.target, path);
    else linkSync(join(folder, entry.target), path);
  }
  for (const entry of [...context.entries].reverse()) {
    const path = join(folder, entry.path);
    if (entry.type === 'file' || entry.type === 'folder') chmodSync(path, entry.mode);
    if (entry.type !== 'hardlink') lutimesSync(path, entry.mtime, entry.mtime);
  }
}
