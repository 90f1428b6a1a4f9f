// What .gitmodules says, as `git config --null --list` gives it. Pure.

/** Addresses of submodules by their paths. */
export function readSubmodules(listing: string): Map<string, string> {
  const modules = new Map<string, { path?: string; url?: string }>();
  for (const [, name = '', key = '', value = ''] of listing.matchAll(
    /submodule\.([^\0\n]*)\.(path|url)\n([^\0]*)\0/g,
  )) {
    modules.set(name, { ...modules.get(name), [key]: value });
  }
  const byPath = new Map<string, string>();
  for (const { path, url } of modules.values())
    if (path !== undefined && url !== undefined) byPath.set(path, url);
  return byPath;
}
