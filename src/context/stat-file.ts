// The file in which a context's states and digests are kept: columns of numbers, and names in one text. What is torn, of another
// version or made by a machine of another byte order is no file.
import { endianness } from 'node:os';
import { stateLength } from '../fs/file-state.ts';
import { decodeName, encodePath } from '../fs/path-bytes.ts';
import { type Digest, digestOf } from '../oci/digest.ts';

/** What a question about the files looked at, in this order, and its answer. */
export interface Section {
  /** '' for digests that belong to no answer. */
  question: Digest | '';
  answer: Digest | '';
  /** Tree paths: `/`, `/a/b`. */
  names: string[];
  /** What of each state counts: an index into `counts`. */
  counts: Uint8Array;
  /** By name, stateLength numbers each. */
  states: Float64Array;
  /** By name, 32 bytes each: of a file's content; where content counts, of a directory's names or a link's target, too; zeros where none is known. */
  digests: Buffer;
}

/** Ways in which a state counts; `content`: all of it, and the digest of what is there, because the times may tell nothing. */
export const counts = { absent: 0, type: 1, all: 2, content: 3 } as const;

const version = `slipway stat cache 3 ${endianness()}`;
const foreignHead = /^slipway stat cache \d+\b/;
const digestBytes = 32;
const zeros = Buffer.alloc(digestBytes);
const prefix = 'sha256:';

export function digestAt(section: Pick<Section, 'digests'>, index: number): Digest | undefined {
  const at = index * digestBytes;
  const bytes = section.digests.subarray(at, at + digestBytes);
  return bytes.equals(zeros) ? undefined : (`${prefix}${bytes.toString('hex')}` as Digest);
}

export function writeDigest(digests: Buffer, index: number, digest: Digest): void {
  digests.write(digest.slice(prefix.length), index * digestBytes, 'hex');
}

export function clearDigest(digests: Buffer, index: number): void {
  digests.fill(0, index * digestBytes, (index + 1) * digestBytes);
}

export const newDigests = (count: number): Buffer => Buffer.alloc(count * digestBytes);

const bytesOf = (digest: Digest | ''): Buffer =>
  digest === '' ? zeros : Buffer.from(digest.slice(prefix.length), 'hex');

function fromBytes(bytes: Buffer): Digest | '' {
  return bytes.equals(zeros) ? '' : (`${prefix}${bytes.toString('hex')}` as Digest);
}

/** A line with the digest of the rest; then, for each section, two counts, question, answer, states, counts, digests, names. */
export function encodeStatFile(sections: readonly Section[]): Buffer {
  const texts = sections.map(({ names }) => names.reduce((sum, name) => sum + pathLength(name) + 1, 0));
  const line = version.length + digestOf('').length + 2;
  const size = sections.reduce((sum, section, at) => sum + sectionSize(section) + texts[at]!, line);
  // In one piece, which is all the memory that it takes.
  const file = Buffer.allocUnsafeSlow(size);
  let used = line;
  const put = (bytes: Uint8Array): void => {
    file.set(bytes, used);
    used += bytes.length;
  };
  for (const [at, { question, answer, names, counts: kinds, states, digests }] of sections.entries()) {
    used = file.writeUInt32LE(names.length, used);
    used = file.writeUInt32LE(texts[at]!, used);
    put(bytesOf(question));
    put(bytesOf(answer));
    put(Buffer.from(states.buffer, states.byteOffset, states.byteLength));
    put(kinds);
    put(digests);
    for (const name of names) {
      const path = encodePath(name);
      if (typeof path === 'string') used += file.write(path, used);
      else put(path);
      file[used++] = 0;
    }
  }
  file.write(`${version} ${digestOf(file.subarray(line))}\n`);
  return file;
}

const sectionSize = ({ counts: kinds, states, digests }: Section): number =>
  8 + 2 * digestBytes + states.byteLength + kinds.length + digests.length;

function pathLength(name: string): number {
  const path = encodePath(name);
  return typeof path === 'string' ? Buffer.byteLength(path) : path.length;
}

/** As it was written by this version, or by another; or it is neither. */
export function stateOfStatFile(file: Buffer): 'whole' | 'foreign' | 'damaged' {
  const end = file.indexOf(0x0a);
  const head = file.toString('latin1', 0, Math.max(0, end));
  if (head === `${version} ${digestOf(file.subarray(end + 1))}`) return 'whole';
  return foreignHead.test(head) && !head.startsWith(version) ? 'foreign' : 'damaged';
}

/** Empty where the bytes are not as they were written. */
export function decodeStatFile(file: Buffer): Section[] {
  if (stateOfStatFile(file) !== 'whole') return [];
  const body = file.subarray(file.indexOf(0x0a) + 1);
  const sections: Section[] = [];
  let at = 0;
  const take = (length: number): Buffer => {
    at += length;
    return body.subarray(at - length, at);
  };
  while (at < body.length) {
    const [count, length] = [body.readUInt32LE(at), body.readUInt32LE(at + 4)];
    at += 8;
    const [question, answer] = [fromBytes(take(digestBytes)), fromBytes(take(digestBytes))];
    const states = new Float64Array(count * stateLength);
    take(states.byteLength).copy(Buffer.from(states.buffer));
    const kinds = new Uint8Array(take(count));
    const digests = take(count * digestBytes);
    const names = decodeName(take(length)).split('\0');
    names.pop();
    sections.push({ question, answer, names, counts: kinds, states, digests });
  }
  return sections;
}
