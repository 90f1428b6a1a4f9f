// Go modules of a program: the build information that Go 1.18 and later put into every binary (debug/buildinfo). ELF only.
import { formatPurl } from '../purl.ts';
import { type FoundPackage, type ScannedFiles, shortText } from './found-package.ts';

const mostSections = 512;
const largestInfo = 4 << 20;
const magic = Buffer.from('\xff Go buildinf:', 'latin1');
/** Set where the texts stand in the section itself, as they do since Go 1.18. */
const inlineTexts = 2;
const headerSize = 32;

export function* readGoBinary(files: ScannedFiles, path: string): Generator<FoundPackage, void> {
  const section = buildInfoSection(files, path);
  if (!section?.subarray(0, magic.length).equals(magic)) return;
  if (((section[15] ?? 0) & inlineTexts) === 0) return;
  const version = textAt(section, headerSize);
  const info = version && textAt(section, version.end);
  if (!version || !info) return;
  const go = /^go(\d\S{0,60})/.exec(version.text)?.[1];
  if (go) yield found(path, 'stdlib', go);
  // It stands between marks of 16 bytes each.
  for (const { name, version: own } of modulesOf(info.text.slice(16, -16))) yield found(path, name, own);
}

function found(foundIn: string, name: string, version: string | undefined): FoundPackage {
  const slash = name.lastIndexOf('/');
  const purl = formatPurl({
    type: 'golang',
    namespace: name.slice(0, Math.max(slash, 0)).toLowerCase(),
    name: name.slice(slash + 1).toLowerCase(),
    version,
  });
  return { name, version, purl, license: undefined, maintainer: undefined, homepage: undefined, foundIn };
}

/** `mod` and `dep` lines; `=>` says what stands in for the one before. */
function modulesOf(info: string): { name: string; version: string | undefined }[] {
  const modules: { name: string; version: string | undefined }[] = [];
  for (const line of info.split('\n')) {
    const [kind, path, written] = line.split('\t');
    if (kind !== 'mod' && kind !== 'dep' && kind !== '=>') continue;
    const name = shortText(path, 300);
    if (name === undefined) continue;
    if (kind === '=>') modules.pop();
    const version = shortText(written, 200);
    modules.push({ name, version: version === '(devel)' ? undefined : version });
  }
  return modules;
}

/** A length as a varint, then so many bytes. */
function textAt(bytes: Buffer, offset: number): { text: string; end: number } | undefined {
  let length = 0;
  let at = offset;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    length |= (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    return at + length <= bytes.length
      ? { text: bytes.toString('latin1', at, at + length), end: at + length }
      : undefined;
  }
  return undefined;
}

/** The first bytes of the section .go.buildinfo. */
function buildInfoSection(files: ScannedFiles, path: string): Buffer | undefined {
  const header = files.read(path, 0, 64);
  if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const is64 = header[4] === 2;
  const isLittle = header[5] === 1;
  const u16 = (from: Buffer, at: number): number =>
    isLittle ? from.readUInt16LE(at) : from.readUInt16BE(at);
  const u32 = (from: Buffer, at: number): number =>
    isLittle ? from.readUInt32LE(at) : from.readUInt32BE(at);
  const word = (from: Buffer, at32: number, at64: number): number => {
    if (!is64) return u32(from, at32);
    return Number(isLittle ? from.readBigUInt64LE(at64) : from.readBigUInt64BE(at64));
  };
  const size = u16(header, is64 ? 58 : 46);
  const count = u16(header, is64 ? 60 : 48);
  const names = u16(header, is64 ? 62 : 50);
  if (size !== (is64 ? 64 : 40) || count > mostSections || names >= count) return undefined;
  const table = readAt(files, path, { offset: word(header, 32, 40), size: size * count });
  if (table.length < size * count) return undefined;
  const sections = Array.from({ length: count }, (_, index) => {
    const entry = table.subarray(index * size, (index + 1) * size);
    return { name: u32(entry, 0), offset: word(entry, 16, 24), size: word(entry, 20, 32) };
  });
  const texts = readAt(files, path, sections[names]!);
  const wanted = '.go.buildinfo\0';
  const section = sections.find(
    ({ name }) => texts.toString('latin1', name, name + wanted.length) === wanted,
  );
  return section && readAt(files, path, section);
}

function readAt(
  files: ScannedFiles,
  path: string,
  { offset, size }: { offset: number; size: number },
): Buffer {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(size)) return Buffer.alloc(0);
  return files.read(path, offset, Math.min(size, largestInfo));
}
