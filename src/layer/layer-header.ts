// The tar header that says what a layer's entry is (OCI layer.md): whiteouts as names, times as whole seconds.
import { SlipwayError } from '../errors.ts';
import type { LayerEntry } from '../seams.ts';
import type { HeaderFields, TypeFlag } from './tar-header.ts';

/** What a file's name begins with that says that the rest of the name is gone (layer.md#whiteouts). */
export const whiteoutPrefix = '.wh.';
/** The file that says that nothing below its directory is seen (layer.md#opaque-whiteout). */
export const opaqueName = '.wh..wh..opq';

const typeFlags: Record<string, TypeFlag> = {
  file: '0',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
};

/**
 * Undefined for sockets, which no layer holds. `epoch`: seconds that later times become.
 * @throws ERR_UNSUPPORTED for a name that would read as a whiteout, or an attribute whose name has a `=`.
 */
export function layerHeader(entry: LayerEntry, epoch: number | undefined): HeaderFields | undefined {
  if (entry.kind === 'opaque') {
    const inside = entry.path === '' ? '' : `${entry.path}/`;
    return { ...mark, type: '0', path: `${inside}${opaqueName}` };
  }
  const slash = entry.path.lastIndexOf('/') + 1;
  const name = entry.path.slice(slash);
  if (entry.kind === 'whiteout') {
    return { ...mark, type: '0', path: `${entry.path.slice(0, slash)}${whiteoutPrefix}${name}` };
  }
  if (name.startsWith(whiteoutPrefix)) {
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `no layer can hold a file named ${JSON.stringify(entry.path)}`,
      {
        hint: 'names that begin with .wh. stand for deleted files in image layers: name it otherwise',
      },
    );
  }
  const { stat } = entry;
  const type = typeFlags[stat.type];
  if (!type) return undefined;
  for (const key in entry.xattrs) if (key.includes('=')) throw unspeakable(entry.path, key);
  const isDevice = type === '3' || type === '4';
  const isLink = entry.hardLinkTo !== undefined;
  return {
    path: type === '5' ? `${entry.path || '.'}/` : entry.path,
    type: isLink ? '1' : type,
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    size: type === '0' && !isLink ? stat.size : 0,
    mtime: seconds(stat.mtime, epoch),
    linkName: entry.hardLinkTo ?? (type === '2' ? entry.linkTarget : ''),
    major: isDevice ? stat.major : 0,
    minor: isDevice ? stat.minor : 0,
    xattrs: isLink ? {} : entry.xattrs,
  };
}

/** What whiteouts and opaque marks have in common. */
const mark = { mode: 0, uid: 0, gid: 0, size: 0, mtime: 0, linkName: '', major: 0, minor: 0, xattrs: {} };

function unspeakable(path: string, attribute: string): SlipwayError {
  return new SlipwayError('ERR_UNSUPPORTED', `no layer can hold the attribute ${JSON.stringify(attribute)}`, {
    hint: `remove it from ${JSON.stringify(path)}: tar has no way to write a name with "="`,
  });
}

function seconds(mtime: bigint, epoch: number | undefined): number {
  const truncated = Number(mtime / 1_000_000_000n);
  const whole = mtime < 0n && mtime % 1_000_000_000n !== 0n ? truncated - 1 : truncated;
  return epoch === undefined ? whole : Math.min(whole, epoch);
}
