// A scan as an SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3). Equal scans give equal bytes.
import { createHash } from 'node:crypto';
import { formatPurl } from '../purl.ts';
import { distroOf } from './dpkg.ts';
import type { FoundPackage, ScannedFiles } from './found-package.ts';
import { licenseExpression } from './license.ts';
import type { Scan } from './scan.ts';

export interface SpdxDocument {
  spdxVersion: 'SPDX-2.3';
  dataLicense: 'CC0-1.0';
  SPDXID: 'SPDXRef-DOCUMENT';
  name: string;
  documentNamespace: string;
  creationInfo: { created: string; creators: string[] };
  packages: SpdxPackage[];
  files: SpdxFile[];
  hasExtractedLicensingInfos?: { licenseId: string; extractedText: string }[];
  relationships: SpdxRelationship[];
}

export interface SpdxPackage {
  SPDXID: string;
  name: string;
  versionInfo?: string;
  originator?: string;
  downloadLocation: string;
  filesAnalyzed: false;
  homepage?: string;
  sourceInfo?: string;
  licenseConcluded: string;
  licenseDeclared: string;
  copyrightText: string;
  primaryPackagePurpose?: string;
  externalRefs?: { referenceCategory: string; referenceType: string; referenceLocator: string }[];
}

export interface SpdxFile {
  SPDXID: string;
  fileName: string;
  checksums: { algorithm: 'SHA1' | 'SHA256'; checksumValue: string }[];
  licenseConcluded: string;
  copyrightText: string;
}

export interface SpdxRelationship {
  spdxElementId: string;
  relatedSpdxElement: string;
  relationshipType: string;
  comment?: string;
}

export interface DocumentOptions {
  /** Of what was scanned. */
  name: string;
  /** ISO 8601, whole seconds. */
  created: string;
  /** `slipway-0.1.0`. */
  tool: string;
}

const none = 'NOASSERTION';
const rootID = 'SPDXRef-Root';
const chunk = 1 << 20;

export function spdxDocument(scan: Scan, files: ScannedFiles, options: DocumentOptions): SpdxDocument {
  const { name, created, tool } = options;
  const evidence = [...new Set(scan.packages.map(({ foundIn }) => foundIn))].sort();
  const licenses = new Map<string, string>();
  const packages = scan.packages.map((one) => describePackage(one, licenses));
  const system = systemPackage(scan);
  const contained = [...(system ? [system] : []), ...packages];
  const root = { ...blank(rootID, name), primaryPackagePurpose: 'CONTAINER' };
  const extracted = [...licenses]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([licenseId, extractedText]) => ({ licenseId, extractedText }));
  const relationships = [
    { spdxElementId: 'SPDXRef-DOCUMENT', relatedSpdxElement: rootID, relationshipType: 'DESCRIBES' },
    ...contained.map(({ SPDXID }) => ({
      spdxElementId: rootID,
      relatedSpdxElement: SPDXID,
      relationshipType: 'CONTAINS',
    })),
    ...scan.packages.map((one) => ({
      spdxElementId: packageID(one),
      relatedSpdxElement: fileID(one.foundIn),
      relationshipType: 'OTHER',
      comment: 'evident-by: the file says that the package is there',
    })),
  ];
  const content = {
    packages: [root, ...contained],
    files: evidence.map((path) => describeFile(files, path)),
    ...(extracted.length > 0 ? { hasExtractedLicensingInfos: extracted } : {}),
    relationships,
  };
  const creators = [`Tool: ${tool}`];
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `urn:uuid:${uuidOf(JSON.stringify({ name, created, creators, ...content }))}`,
    creationInfo: { created, creators },
    ...content,
  };
}

/** Of the text's JSON, where names that are no UTF-8 still differ. */
function digestOfText(text: string): string {
  return createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, 16);
}

/** The namespace must differ between documents that differ: a UUID (RFC 9562, version 8) made of the content. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}

function blank(SPDXID: string, name: string): SpdxPackage {
  return {
    SPDXID,
    name,
    downloadLocation: none,
    filesAnalyzed: false,
    licenseConcluded: none,
    licenseDeclared: none,
    copyrightText: none,
  };
}

function packageID({ purl, foundIn, name }: FoundPackage): string {
  const readable = name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 60);
  const type = purl.slice('pkg:'.length, purl.indexOf('/'));
  return `SPDXRef-Package-${type}-${readable}-${digestOfText(`${purl}\n${foundIn}`)}`;
}

function fileID(path: string): string {
  return `SPDXRef-File-${digestOfText(path)}`;
}

function describePackage(one: FoundPackage, licenses: Map<string, string>): SpdxPackage {
  const license = licenseExpression(one.license);
  for (const { licenseId, extractedText } of license?.extracted ?? []) licenses.set(licenseId, extractedText);
  const homepage = /^(https?|ftp):\/\/[\x21-\x7e]+$/.exec(one.homepage ?? '')?.[0];
  const originator = originatorOf(one.maintainer);
  return {
    ...blank(packageID(one), one.name),
    ...(one.version === undefined ? {} : { versionInfo: one.version }),
    ...(originator === undefined ? {} : { originator }),
    ...(homepage === undefined ? {} : { homepage }),
    sourceInfo: `found in ${one.foundIn}`,
    licenseDeclared: license?.expression ?? none,
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: one.purl },
    ],
  };
}

/** `Name <mail>` as SPDX writes it: `Person: Name (mail)`. */
function originatorOf(maintainer: string | undefined): string | undefined {
  const [, name, mail] = /^([^<>()]+?)\s*(?:<([^<>()\s]+)>)?$/.exec(maintainer ?? '') ?? [];
  if (name === undefined) return undefined;
  return mail === undefined ? `Person: ${name}` : `Person: ${name} (${mail})`;
}

function systemPackage({ distribution }: Scan): SpdxPackage | undefined {
  if (!distribution) return undefined;
  const { id, version, name } = distribution;
  const purl = formatPurl({
    type: 'generic',
    name: id,
    version,
    qualifiers: { distro: distroOf(distribution) },
  });
  return {
    ...blank('SPDXRef-OperatingSystem', id),
    ...(version === undefined ? {} : { versionInfo: version }),
    ...(name === undefined ? {} : { sourceInfo: name }),
    primaryPackagePurpose: 'OPERATING-SYSTEM',
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}

function describeFile(files: ScannedFiles, path: string): SpdxFile {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  for (let offset = 0; ; ) {
    const bytes = files.read(path, offset, chunk);
    if (bytes.length === 0) break;
    sha1.update(bytes);
    sha256.update(bytes);
    offset += bytes.length;
  }
  return {
    SPDXID: fileID(path),
    fileName: `.${path}`,
    checksums: [
      { algorithm: 'SHA1', checksumValue: sha1.digest('hex') },
      { algorithm: 'SHA256', checksumValue: sha256.digest('hex') },
    ],
    licenseConcluded: none,
    copyrightText: none,
  };
}
