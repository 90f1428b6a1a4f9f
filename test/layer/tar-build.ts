// Hand-made tar archives for tests, whose fields may be wrong on purpose.

export interface RawEntry {
  name?: string | Buffer;
  type?: string;
  body?: Buffer | string;
  link?: string | Buffer;
  mode?: number;
  /** Where it should differ from the body's. */
  size?: number;
  mtime?: string;
  major?: number;
  minor?: number;
  pax?: Record<string, string | Buffer>;
  /** Applied to the header before the checksum. */
  patch?: (header: Buffer) => void;
  /** Added to the right checksum. */
  checksumError?: number;
}

export function rawEntry(entry: RawEntry): Buffer {
  const body = Buffer.from(entry.body ?? '');
  const header = Buffer.alloc(512);
  Buffer.from(entry.name ?? '').copy(header, 0, 0, 100);
  header.write(`${(entry.mode ?? 0o644).toString(8).padStart(7, '0')}\0`, 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${(entry.size ?? body.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write(`${entry.mtime ?? '00000000012'}\0`, 136);
  header.write(entry.type ?? '0', 156, 'latin1');
  Buffer.from(entry.link ?? '').copy(header, 157, 0, 100);
  header.write('ustar\x0000', 257);
  header.write(`${(entry.major ?? 0).toString(8).padStart(7, '0')}\0`, 329);
  header.write(`${(entry.minor ?? 0).toString(8).padStart(7, '0')}\0`, 337);
  entry.patch?.(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0) + (entry.checksumError ?? 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([
    entry.pax ? paxHeader(entry.pax) : Buffer.alloc(0),
    header,
    body,
    padding(body.length),
  ]);
}

export function paxHeader(records: Record<string, string | Buffer>, type = 'x'): Buffer {
  const body = Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')]);
      let length = rest.length;
      while (length !== `${length}`.length + rest.length) length = `${length}`.length + rest.length;
      return Buffer.concat([Buffer.from(`${length}`), rest]);
    }),
  );
  return rawEntry({ name: 'pax', type, body });
}

export function rawTar(...entries: (RawEntry | Buffer)[]): Buffer {
  const parts = entries.map((entry) => (Buffer.isBuffer(entry) ? entry : rawEntry(entry)));
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function padding(length: number): Buffer {
  return Buffer.alloc((512 - (length % 512)) % 512);
}

/** The bytes as a stream cut into pieces of `size`. */
export async function* pieces(bytes: Buffer, size = 1 << 20): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  // A chunk may hold only until the next is asked for.
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
