// A Git repository in BuildKit's spelling: `https://host/repo.git#ref:subdir`, `git@host:repo.git?branch=main&subdir=docs`.
import { SlipwayError } from '../errors.ts';

export interface GitReference {
  /** Without query and fragment. May hold credentials: it belongs in no message. */
  remote: string;
  /** Branch, tag or whole commit; undefined: the default branch. */
  ref: string | undefined;
  /** Clean and relative; '' is the whole repository. */
  subdir: string;
  /** The beginning of the commit that it must come to. */
  checksum: string | undefined;
  keepGitDir: boolean | undefined;
  submodules: boolean | undefined;
  /** Which time files get. */
  mtime: 'checkout' | 'commit' | undefined;
}

const scpForm = /^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9_][\w.-]*:(?!\/\/)[^?#]+/;
const truths = new Map([
  ...['', '1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false] as const),
]);

function fail(message: string, hint: string): never {
  throw new SlipwayError('ERR_USAGE', message, { hint });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether a source or context names a Git repository: over HTTP only where its path ends in `.git`. */
export function isGitReference(text: string): boolean {
  if (/^(git|ssh):\/\//i.test(text) || text.startsWith('github.com/')) return true;
  if (/^https?:\/\//i.test(text)) return /^[^?#]*\.git(?=[?#]|$)/.test(text);
  return scpForm.test(text);
}

function truth(key: string, value: string): boolean {
  return (
    truths.get(value) ??
    fail(`invalid ${key} value in a Git URL: ${JSON.stringify(value)}`, 'write true or false')
  );
}

/** Each key once, with a value unless it is a switch. */
function readQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(text)) {
    if (query.has(key)) fail(`query ${JSON.stringify(key)} of a Git URL has multiple values`, 'give it once');
    if (value === '' && key !== 'submodules' && key !== 'keep-git-dir')
      fail(`query ${JSON.stringify(key)} of a Git URL has no value`, `write ${key}=VALUE`);
    query.set(key, value);
  }
  const known = [
    'ref',
    'tag',
    'branch',
    'subdir',
    'checksum',
    'commit',
    'keep-git-dir',
    'submodules',
    'mtime',
    'fetch-by-commit',
  ];
  for (const key of query.keys())
    if (!known.includes(key))
      fail(`unexpected query ${JSON.stringify(key)} in a Git URL`, `known are ${known.join(', ')}`);
  return query;
}

/** One value from what several spellings say. */
function agreed(what: string, values: (string | undefined)[]): string | undefined {
  const given = [...new Set(values.filter((value) => value !== undefined && value !== ''))];
  if (given.length > 1)
    fail(
      `${what} conflicts in a Git URL: ${given.map((one) => JSON.stringify(one)).join(' vs ')}`,
      `give one ${what}`,
    );
  return given[0];
}

function qualified(prefix: string, name: string | undefined): string | undefined {
  return name === undefined || name.startsWith(prefix) ? name : prefix + name;
}

function checkRef(ref: string | undefined): string | undefined {
  if (ref === undefined) return undefined;
  // Nothing that git could take for an option, a pattern or a range.
  if (/^[-+^]/.test(ref) || /[\u0000- \u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|[/.]$/.test(ref))
    fail(`invalid Git ref ${JSON.stringify(ref)}`, 'give the name of a branch or tag, or a whole commit');
  return ref;
}

function checkSubdir(subdir: string | undefined): string {
  const parts = (subdir ?? '').split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || subdir?.includes('\0'))
    fail(
      `invalid subdirectory ${JSON.stringify(subdir)} in a Git URL`,
      'give a folder below the root of the repository',
    );
  return parts.join('/');
}

/** A checksum is where to go, too, where it says the whole. */
function wholeCommit(checksum: string | undefined): string | undefined {
  return checksum !== undefined && [40, 64].includes(checksum.length) ? checksum : undefined;
}

/** What `text` names; undefined where it is no Git repository. @throws ERR_USAGE for a malformed one */
export function parseGitReference(text: string): GitReference | undefined {
  if (!isGitReference(text)) return undefined;
  const [location = '', ...fragments] = text.split('#');
  const [base = '', ...queries] = location.split('?');
  const fragment = decode(fragments.join('#'));
  const colon = fragment.indexOf(':');
  const fragmentRef = colon < 0 ? fragment : fragment.slice(0, colon);
  const fragmentDir = colon < 0 ? undefined : fragment.slice(colon + 1);
  const query = readQuery(queries.join('?'));
  const tag = qualified('refs/tags/', query.get('tag'));
  const branch = qualified('refs/heads/', query.get('branch'));
  const checksum = agreed('checksum', [query.get('checksum'), query.get('commit')]);
  if (checksum !== undefined) checkCommit(checksum);
  const ref = agreed('ref', [fragmentRef, query.get('ref'), tag, branch]) ?? wholeCommit(checksum);
  const mtime = query.get('mtime');
  if (mtime !== undefined && mtime !== 'checkout' && mtime !== 'commit')
    fail(`invalid mtime value in a Git URL: ${JSON.stringify(mtime)}`, 'write checkout or commit');
  const keep = query.get('keep-git-dir');
  const submodules = query.get('submodules');
  return {
    remote: base.startsWith('github.com/') ? `https://${base}` : base,
    ref: checkRef(ref),
    subdir: checkSubdir(agreed('subdir', [fragmentDir, query.get('subdir')])),
    checksum,
    keepGitDir: keep === undefined ? undefined : truth('keep-git-dir', keep),
    submodules: submodules === undefined ? undefined : truth('submodules', submodules),
    mtime,
  };
}

/** @throws ERR_USAGE unless it is the beginning of a commit's name. */
export function checkCommit(checksum: string): void {
  if (!/^[0-9a-fA-F]{1,64}$/.test(checksum))
    fail(
      `invalid checksum ${JSON.stringify(checksum)} for a Git URL`,
      'give the commit in hex, or how it begins',
    );
}
