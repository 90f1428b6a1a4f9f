// Reads tar streams that anyone may have made: v7, ustar, GNU and PAX (POSIX.1-2001 pax, GNU tar manual "Tar Internals").
import { badArchive, beyondLimit } from './bad-archive.ts';
import { type ByteSource, createByteSource, type SkippableSource } from './byte-source.ts';
import {
  checksumHolds,
  type PaxRecords,
  parseNumber,
  parsePax,
  parsePaxName,
  parsePaxNumber,
  parsePaxTime,
  parseText,
} from './tar-fields.ts';
import { checkSparse, expandSparse, readGnuSparse, readPaxSparse, type SparseMap } from './tar-sparse.ts';

export type TarEntryType = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo';

export interface TarEntry {
  /** As it stands in the archive: perhaps absolute, with `..`, with a slash at its end. */
  path: string;
  type: TarEntryType;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of a file's content, 0 of all else. */
  size: number;
  /** Nanoseconds since 1970. */
  mtime: bigint;
  /** Target of a symbolic link; path of an earlier entry for a hard link. */
  linkName: string;
  major: number;
  minor: number;
  xattrs: Record<string, Buffer>;
  /** Where in the stream a file's content begins; undefined where it does not stand there in one piece. */
  offset: number | undefined;
  /** The content, once; chunks are views of the source's. What is not read is skipped when the next entry is asked for. */
  body(): AsyncIterable<Buffer>;
  /** The whole content instead of body(), where no waiting is needed for it. */
  buffered(): Buffer | undefined;
}

export interface ReadTarOptions {
  signal?: AbortSignal | undefined;
  limits?: TarLimits | undefined;
}

export interface TarLimits {
  /** Bytes of all headers that describe one entry, and of those that describe all that follow; 1 MiB. */
  header?: number | undefined;
  /** Bytes to which the sparse files of the archive may expand; 64 GiB. */
  sparse?: number | undefined;
  /** 4 million. */
  entries?: number | undefined;
}

const defaultLimits = { header: 1 << 20, sparse: 2 ** 36, entries: 4_000_000 };
type Limits = typeof defaultLimits;

const types: Record<string, TarEntryType> = {
  '\0': 'file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
  '7': 'file',
  D: 'dir',
  S: 'file',
};
const xattrPrefix = 'SCHILY.xattr.';
/** Of PAX records for all entries that follow: each is looked at again for each entry. */
const mostGlobals = 256;
/** Bytes of all names of a file's attributes: XATTR_LIST_MAX of Linux. */
const longestXattrs = 1 << 16;

/**
 * The entries in their order. Reads the source to its end, padding included.
 * @throws ERR_BAD_ARCHIVE
 */
export async function* readTar(
  from: SkippableSource,
  options: ReadTarOptions = {},
): AsyncGenerator<TarEntry, void> {
  const source = createByteSource(from, options.signal);
  const { header, sparse, entries } = options.limits ?? {};
  const limits: Limits = {
    header: header ?? defaultLimits.header,
    sparse: sparse ?? defaultLimits.sparse,
    entries: entries ?? defaultLimits.entries,
  };
  // In one generator: a second one within would cost each of many entries more than its header.
  try {
    const global: PaxRecords = new Map();
    let pax: PaxRecords = new Map();
    let pending = false;
    const left = { ...limits };
    let globalLeft = limits.header;
    for (;;) {
      if (source.available() < 512 && !(await source.fill(512))) {
        if (source.available() > 0 || pending) throw badArchive('it ends too early');
        return;
      }
      const block = source.take(512);
      if (block[0] === 0 && isZero(block)) {
        if (pending) throw badArchive('it ends after a header that describes a further one');
        await source.drain();
        return;
      }
      if (!checksumHolds(block)) throw badArchive('a header has a wrong checksum');
      const flag = String.fromCharCode(block[156]!);
      const size = parseNumber(block, 124, 12);
      if (size < 0) throw badArchive('an entry has a negative size');
      if ('xXgLKV'.includes(flag)) {
        const data = await readSpecial(source, size, flag === 'g' ? globalLeft : left.header);
        if (flag === 'g') globalLeft -= size;
        else left.header -= size;
        if (flag === 'g') parsePax(data, global);
        else if (flag === 'L') pax.set('path', textOf(data));
        else if (flag === 'K') pax.set('linkpath', textOf(data));
        else if (flag !== 'V') parsePax(data, pax);
        pending ||= flag !== 'g' && flag !== 'V';
        continue;
      }
      if (global.size > mostGlobals)
        throw badArchive(`more than ${mostGlobals} records describe all entries`);
      if (left.entries-- === 0)
        throw beyondLimit(`the archive has more than ${limits.entries} entries`, 'entries');
      const merged = global.size === 0 ? pax : new Map([...global, ...pax]);
      const head = parseHeader(block, flag, merged);
      const context = { block, flag, size, pax: merged, source, left, limits };
      const sparse = mayBeSparse(flag, head, merged) ? await readSparse(context, head) : undefined;
      const content = new Content(source, storedSize(context, head), sparse);
      yield entryOf(head, content);
      const rest = content.end();
      if (source.available() >= rest) source.drop(rest);
      else await source.skip(rest);
      if (pax.size > 0) pax = new Map();
      pending = false;
      left.header = limits.header;
    }
  } finally {
    await source.close();
  }
}

async function readSpecial(source: ByteSource, size: number, limit: number): Promise<Buffer> {
  if (size > limit)
    throw badArchive(`a header of ${size} bytes is more than what is left of the limit, ${limit}`);
  const data = await source.read(padded(size));
  return data.subarray(0, size);
}

function textOf(data: Buffer): Buffer {
  const nul = data.indexOf(0);
  return nul < 0 ? data : data.subarray(0, nul);
}

interface Context {
  block: Buffer;
  flag: string;
  size: number;
  pax: PaxRecords;
  source: ByteSource;
  /** What is left of the limits. */
  left: Limits;
  limits: Limits;
}

const mayBeSparse = (flag: string, { type }: Head, pax: PaxRecords): boolean =>
  flag === 'S' || (pax.size > 0 && type === 'file');

/** Bytes that follow the headers. */
function storedSize({ flag, size, pax }: Context, { type }: Head): number {
  // Of old directories, which are told by their names, too.
  if (flag !== '\0' && type !== 'file' && flag !== 'D') return 0;
  return pax.size > 0 && pax.get('size')?.length ? parsePaxNumber(pax.get('size')!) : size;
}

async function readSparse(context: Context, head: Head): Promise<SparseMap | undefined> {
  const { block, flag, pax, source, left, limits } = context;
  const sparse = flag === 'S' ? await readGnuSparse(block, source) : await readPaxSparse(pax, source);
  if (!sparse) return undefined;
  checkSparse(sparse, storedSize(context, head));
  left.sparse -= sparse.size;
  if (left.sparse < 0) throw beyondLimit(`sparse files expand to more than ${limits.sparse} bytes`, 'sparse');
  return sparse;
}

/** What follows the headers of one entry. */
class Content {
  readonly size: number;
  /** Undefined where it does not stand there in one piece. */
  readonly offset: number | undefined;
  private readonly source: ByteSource;
  private readonly sparse: SparseMap | undefined;
  private readonly padding: number;
  private left: number;
  private over = false;

  constructor(source: ByteSource, stored: number, sparse: SparseMap | undefined) {
    this.source = source;
    this.sparse = sparse;
    this.padding = padded(stored) - stored;
    this.left = stored - (sparse?.mapBytes ?? 0);
    this.size = sparse?.size ?? stored;
    this.offset = sparse ? undefined : source.position();
  }

  async some(limit: number): Promise<Buffer> {
    if (this.over) throw new Error('internal error: the content of a tar entry was read after the next one');
    const chunk = await this.source.some(Math.min(limit, this.left));
    this.left -= chunk.length;
    return chunk;
  }

  async *plain(): AsyncGenerator<Buffer> {
    while (this.left > 0) yield await this.some(this.left);
  }

  body(): AsyncIterable<Buffer> {
    return this.sparse ? expandSparse(this.sparse, (limit) => this.some(limit)) : this.plain();
  }

  buffered(): Buffer | undefined {
    if (this.sparse || this.source.available() < this.left) return undefined;
    const content = this.source.take(this.left);
    this.left = 0;
    return content;
  }

  /** Nothing more is read of it. Returns how many bytes there are still before the next header. */
  end(): number {
    this.over = true;
    return this.left + this.padding;
  }
}

/** Written out: a spread of the head took as long as parsing it. */
function entryOf(head: Head, content: Content): TarEntry {
  const { path, type, mode, uid, gid, mtime, linkName, major, minor, xattrs } = head;
  const isFile = type === 'file';
  return {
    path,
    type,
    mode,
    uid,
    gid,
    size: isFile ? content.size : 0,
    mtime,
    linkName,
    major,
    minor,
    xattrs,
    offset: isFile ? content.offset : undefined,
    body: () => content.body(),
    buffered: () => content.buffered(),
  };
}

type Head = Omit<TarEntry, 'size' | 'offset' | 'body' | 'buffered'>;

function parseHeader(block: Buffer, flag: string, pax: PaxRecords): Head {
  const type = types[flag];
  if (!type) throw badArchive(`an entry has the unknown type ${JSON.stringify(flag)}`);
  const posix = holds(block, 257, posixMagic);
  const ustar = posix || holds(block, 257, gnuMagic);
  let path = parseText(block, 0, 100);
  if (posix && block[345] !== 0) {
    const star = block.toString('latin1', 508, 512) === 'tar\0';
    path = `${parseText(block, 345, star ? 131 : 155)}/${path}`;
  }
  const isDevice = ustar && (type === 'char' || type === 'block');
  const head: Head = {
    path,
    type,
    mode: parseNumber(block, 100, 8) & 0o7777,
    uid: parseNumber(block, 108, 8),
    gid: parseNumber(block, 116, 8),
    mtime: BigInt(parseNumber(block, 136, 12)) * 1_000_000_000n,
    linkName: block[157] === 0 ? '' : parseText(block, 157, 100),
    major: isDevice ? parseNumber(block, 329, 8) : 0,
    minor: isDevice ? parseNumber(block, 337, 8) : 0,
    xattrs: {},
  };
  if (pax.size > 0) applyPax(head, pax);
  if (flag === '\0' && head.path.endsWith('/')) head.type = 'dir';
  if (!isId(head.uid) || !isId(head.gid)) throw badArchive('an entry has an owner that is none');
  if (head.major < 0 || head.minor < 0) throw badArchive('an entry has a negative device number');
  return head;
}

const posixMagic = Buffer.from('ustar\0');
const gnuMagic = Buffer.from('ustar  \0');

function holds(block: Buffer, at: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index++) if (block[at + index] !== text[index]) return false;
  return true;
}

/** PAX records override the header; an empty value leaves the header's (POSIX pax). */
function applyPax(head: Head, pax: PaxRecords): void {
  let xattrNames = 0;
  for (const [key, value] of pax) {
    const name = key.startsWith(xattrPrefix) ? key.slice(xattrPrefix.length) : '';
    if (name.includes('.')) {
      xattrNames += name.length + 1;
      if (xattrNames > longestXattrs) throw badArchive('an entry has more attributes than a file can have');
      head.xattrs[name] = Buffer.from(value);
    }
    if (value.length === 0) continue;
    if (key === 'path') head.path = parsePaxName(value);
    else if (key === 'linkpath') head.linkName = parsePaxName(value);
    else if (key === 'uid') head.uid = parsePaxNumber(value);
    else if (key === 'gid') head.gid = parsePaxNumber(value);
    else if (key === 'mtime') head.mtime = parsePaxTime(value);
  }
  const sparseName = pax.get('GNU.sparse.name');
  if (sparseName?.length) head.path = parsePaxName(sparseName);
}

/** Owners are 32 bits; the highest means "none" to the kernel. */
function isId(id: number): boolean {
  return id >= 0 && id < 0xffffffff;
}

function padded(size: number): number {
  return Math.ceil(size / 512) * 512;
}

function isZero(block: Buffer): boolean {
  for (let index = 0; index < 512; index++) if (block[index] !== 0) return false;
  return true;
}
