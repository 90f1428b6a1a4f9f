// Names of archives that ADD unpacks.

const hadolint = [
  '.tar',
  '.Z',
  '.bz2',
  '.gz',
  '.lz',
  '.lzma',
  '.tZ',
  '.tb2',
  '.tbz',
  '.tbz2',
  '.tgz',
  '.tlz',
];
const endings = [...hadolint, '.tpz', '.txz', '.xz'];

/** @param known endings that hadolint does not know count, too. */
export function isArchive(name: string, { zstd = false } = {}): boolean {
  if (!name.includes('.')) return false;
  return endings.some((ending) => name.endsWith(ending)) || (zstd && /\.(?:tar\.|t)zst$/.test(name));
}
