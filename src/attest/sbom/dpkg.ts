// Debian packages: dpkg's database, and the files in status.d that distroless images have in its place.
import { formatPurl } from '../purl.ts';
import { controlParagraphs, type Paragraph } from './control-file.ts';
import {
  type Distribution,
  type FoundPackage,
  readSmall,
  type ScannedFiles,
  shortText,
} from './found-package.ts';

const largest = 64 << 20;

export function isDpkgFile(path: string): boolean {
  return path === '/var/lib/dpkg/status' || /^\/var\/lib\/dpkg\/status\.d\/[^/]+(?<!\.md5sums)$/.test(path);
}

export function* readDpkg(
  files: ScannedFiles,
  path: string,
  distribution: Distribution | undefined,
): Generator<FoundPackage, void> {
  for (const fields of controlParagraphs(readSmall(files, path, largest) ?? '')) {
    const name = shortText(fields.get('package'), 200);
    const version = shortText(fields.get('version'), 200);
    const status = fields.get('status');
    if (name === undefined || version === undefined) continue;
    if (status !== undefined && !/\binstalled$/.test(status)) continue;
    yield {
      name,
      version,
      purl: purlOf(name, version, { fields, distribution }),
      license: licenseOf(files, name),
      maintainer: shortText(fields.get('maintainer')),
      homepage: shortText(fields.get('homepage')),
      foundIn: path,
    };
  }
}

function purlOf(
  name: string,
  version: string,
  { fields, distribution }: { fields: Paragraph; distribution: Distribution | undefined },
): string {
  const [, source, sourceVersion] = /^(\S+)(?:\s+\((\S+)\))?$/.exec(fields.get('source') ?? '') ?? [];
  const upstream = source && sourceVersion ? `${source}@${sourceVersion}` : source;
  return formatPurl({
    type: 'deb',
    namespace: distribution?.id ?? 'debian',
    name: name.toLowerCase(),
    version,
    qualifiers: {
      arch: shortText(fields.get('architecture'), 60),
      distro: distroOf(distribution),
      upstream: shortText(upstream, 300),
    },
  });
}

/** As purls name it: `debian-12`. */
export function distroOf(distribution: Distribution | undefined): string | undefined {
  return distribution && [distribution.id, distribution.version].filter(Boolean).join('-');
}

/** The names of licenses, with `;` between them, in a machine-readable copyright file; nothing is guessed from those that are prose. */
function licenseOf(files: ScannedFiles, name: string): string | undefined {
  if (!/^[\w.+-]+$/.test(name)) return undefined;
  const path = `/usr/share/doc/${name}/copyright`;
  if (files.tree.lstat(path)?.type !== 'file') return undefined;
  const text = readSmall(files, path, 1 << 20) ?? '';
  if (!/^Format(-Specification)?:/i.test(text)) return undefined;
  const names = new Set([...text.matchAll(/^License:[ \t]*(\S.*)$/gim)].map((match) => spdxName(match[1]!)));
  return names.size > 0 ? [...names].sort().join('; ') : undefined;
}

/** Debian's short names where SPDX spells them otherwise. */
function spdxName(text: string): string {
  const names = text.trim().split(/\s+(and|or)\s+/);
  return names
    .map((name, index) => {
      if (index % 2 === 1) return name.toUpperCase();
      const [, family, major, minor = '0', later] = /^([AL]?GPL)-(\d)(?:\.(\d))?(\+)?$/i.exec(name) ?? [];
      if (family) return `${family.toUpperCase()}-${major}.${minor}-${later ? 'or-later' : 'only'}`;
      if (/^(expat|mit)$/i.test(name)) return 'MIT';
      return name.replace(/^BSD-(\d)-clause$/i, 'BSD-$1-Clause');
    })
    .join(' ');
}
