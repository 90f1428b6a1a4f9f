// A package's header as rpm's databases hold it (rpm's format document, "Header"): an index of tags, then their values.

export interface RpmHeader {
  name: string;
  version: string;
  release: string;
  epoch: number | undefined;
  arch: string | undefined;
  license: string | undefined;
  vendor: string | undefined;
  packager: string | undefined;
  url: string | undefined;
  /** The file name of the source package. */
  source: string | undefined;
}

const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  url: 1020,
  arch: 1022,
  source: 1044,
} as const;
const int32 = 4;
/** Plain, array and translated: the first of them counts. */
const texts = [6, 8, 9];
const mostEntries = 65_536;
const longestText = 2000;

/** Undefined where the bytes are no header, or of a package without name, version and release. */
export function parseRpmHeader(blob: Buffer): RpmHeader | undefined {
  if (blob.length < 8) return undefined;
  const count = blob.readUInt32BE(0);
  const store = 8 + count * 16;
  if (count > mostEntries || store > blob.length) return undefined;
  const text = new Map<number, string>();
  let epoch: number | undefined;
  for (let index = 0; index < count; index++) {
    const at = 8 + index * 16;
    const [tag, type] = [blob.readUInt32BE(at), blob.readUInt32BE(at + 4)];
    const value = store + blob.readUInt32BE(at + 8);
    if (tag === tags.epoch && type === int32 && value + 4 <= blob.length) epoch = blob.readUInt32BE(value);
    if (!texts.includes(type) || value >= blob.length) continue;
    const end = blob.indexOf(0, value);
    if (end >= 0 && end - value <= longestText) text.set(tag, blob.toString('utf8', value, end));
  }
  const [name, version, release] = [text.get(tags.name), text.get(tags.version), text.get(tags.release)];
  if (!name || !version || !release) return undefined;
  return {
    ...{ name, version, release, epoch, arch: text.get(tags.arch), license: text.get(tags.license) },
    ...{ vendor: text.get(tags.vendor), packager: text.get(tags.packager), url: text.get(tags.url) },
    source: text.get(tags.source),
  };
}
