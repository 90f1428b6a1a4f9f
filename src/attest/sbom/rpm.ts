// rpm packages: Red Hat's, Fedora's, SUSE's and their like, from whichever of rpm's databases there is.
import { formatPurl } from '../purl.ts';
import { createByteWindow } from './byte-window.ts';
import { distroOf } from './dpkg.ts';
import { type Distribution, type FoundPackage, type ScannedFiles, shortText } from './found-package.ts';
import { rpmBdbBlobs } from './rpm-bdb.ts';
import { parseRpmHeader, type RpmHeader } from './rpm-header.ts';
import { rpmNdbBlobs } from './rpm-ndb.ts';
import { largestRow, rpmSqliteBlobs } from './rpm-sqlite.ts';

const database =
  /^\/(?:var\/lib\/rpm|usr\/lib\/sysimage\/rpm|usr\/share\/rpm)\/(rpmdb\.sqlite|Packages(?:\.db)?)$/;

export function isRpmFile(path: string): boolean {
  return database.test(path);
}

/** Undefined where the file is no database that rpm could have made. */
export function readRpm(
  files: ScannedFiles,
  path: string,
  distribution: Distribution | undefined,
): Iterable<FoundPackage> | undefined {
  const file = createByteWindow(files, path, largestRow);
  const kind = database.exec(path)?.[1];
  if (kind === 'rpmdb.sqlite') {
    const log = `${path}-wal`;
    const hasLog = files.tree.lstat(log)?.type === 'file';
    const wal = hasLog ? createByteWindow(files, log, largestRow) : undefined;
    const blobs = rpmSqliteBlobs(file, wal);
    return blobs && packages(within(blobs, file.size + (wal?.size ?? 0)), path, distribution);
  }
  const blobs = kind === 'Packages' ? rpmBdbBlobs(file) : rpmNdbBlobs(file);
  return blobs && packages(within(blobs, file.size), path, distribution);
}

/** As much as a sound database can hold: what says more has the same place many times. */
function* within(blobs: Iterable<Buffer>, size: number): Generator<Buffer, void> {
  let rest = size;
  for (const blob of blobs) {
    rest -= blob.length;
    if (rest < 0) return;
    yield blob;
  }
}

function* packages(
  blobs: Iterable<Buffer>,
  foundIn: string,
  distribution: Distribution | undefined,
): Generator<FoundPackage, void> {
  for (const blob of blobs) {
    const header = parseRpmHeader(blob);
    const name = shortText(header?.name, 200);
    const version = shortText(header?.version, 200);
    const release = shortText(header?.release, 200);
    // Keys that signatures are checked with stand there like packages.
    if (!header || !name || !version || !release || name === 'gpg-pubkey') continue;
    const epoch = header.epoch ? `${header.epoch}:` : '';
    yield {
      name,
      version: `${epoch}${version}-${release}`,
      purl: purlOf(header, { name, version: `${version}-${release}`, distribution }),
      license: shortText(header.license),
      maintainer: shortText(header.packager) ?? shortText(header.vendor),
      homepage: shortText(header.url),
      foundIn,
    };
  }
}

/** The vendor, as purls of rpm packages have it. */
function namespaceOf({ id }: Distribution): string {
  if (id === 'rhel') return 'redhat';
  return id.startsWith('opensuse') ? 'opensuse' : id;
}

function purlOf(
  header: RpmHeader,
  { name, version, distribution }: { name: string; version: string; distribution: Distribution | undefined },
): string {
  return formatPurl({
    type: 'rpm',
    namespace: distribution && namespaceOf(distribution),
    name,
    version,
    qualifiers: {
      arch: shortText(header.arch, 60),
      distro: distroOf(distribution),
      epoch: header.epoch ? `${header.epoch}` : undefined,
      upstream: shortText(header.source, 300),
    },
  });
}
