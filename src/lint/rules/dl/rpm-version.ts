// Whether a package's name holds its version, as yum and dnf take it: `name-1.2-3.el9`.

const versionPart = /^[A-Za-z0-9.~^_:+*]*$/;
/** hadolint knows no `curl-7.*`. */
const plainPart = /^[A-Za-z0-9.~^_:+]*$/;

/** @param known names of ENV and ARG: a name that holds one of them may hold a version. */
export function isPinnedRpm(text: string, known: ReadonlySet<string>, compat: boolean): boolean {
  if (text.endsWith('.rpm')) return true;
  for (const [, name] of text.matchAll(/\$\{(\w+)[^}]*\}/g)) if (known.has(name!)) return true;
  const parts = text.split('-').slice(1);
  return (
    parts.every((part) => (compat ? plainPart : versionPart).test(part)) &&
    parts.some((part) => /^\d/.test(part))
  );
}
