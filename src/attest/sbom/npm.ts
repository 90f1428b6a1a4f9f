// Node packages: the package.json of whatever stands in a node_modules folder.
import { formatPurl } from '../purl.ts';
import { type FoundPackage, readSmall, type ScannedFiles, shortText } from './found-package.ts';

const largest = 4 << 20;

export function isNpmFile(path: string): boolean {
  return /\/node_modules\/(@[^/]+\/)?[^/@][^/]*\/package\.json$/.test(path);
}

export function* readNpm(files: ScannedFiles, path: string): Generator<FoundPackage, void> {
  const manifest = parseObject(readSmall(files, path, largest) ?? '');
  const name = shortText(manifest['name'], 214);
  const version = shortText(manifest['version'], 256);
  if (name === undefined || version === undefined) return;
  const slash = name.startsWith('@') ? name.indexOf('/') : -1;
  yield {
    name,
    version,
    purl: formatPurl({
      type: 'npm',
      namespace: name.slice(0, Math.max(slash, 0)),
      name: name.slice(slash + 1),
      version,
    }),
    license: licenseOf(manifest),
    maintainer: undefined,
    homepage: shortText(manifest['homepage']),
    foundIn: path,
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A text, or one of the older forms: `{type}`, a list of these. */
function licenseOf({ license, licenses }: Record<string, unknown>): string | undefined {
  const nameOf = (value: unknown): string | undefined =>
    shortText(value) ?? shortText(asObject(value)['type']);
  if (Array.isArray(licenses)) {
    const names = licenses.slice(0, 20).flatMap((one) => nameOf(one) ?? []);
    return names.length > 1 ? `(${names.join(' OR ')})` : names[0];
  }
  return nameOf(license ?? licenses);
}
