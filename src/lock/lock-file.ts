// slipway.lock: what the references of a build stood for, so that another build reads the same. Text and data, no disk.
import { SlipwayError } from '../errors.ts';
import { isDigest } from '../oci/digest.ts';

export interface LockedImage {
  /** Of what the reference stood for: an index, or a manifest. */
  digest: string;
  /** Of the manifests that were used, by platform (`linux/arm64`). */
  platforms: Record<string, string>;
}

export interface LockedRepository {
  /** The full name of the branch or tag; the commit itself where that was asked for. */
  ref: string;
  /** Hex. */
  commit: string;
}

export interface LockFile {
  /** By full reference: `docker.io/library/alpine:3.20`. */
  images: Record<string, LockedImage>;
  /** By `URL#REF`, without a login. */
  git: Record<string, LockedRepository>;
  /** sha256 digests by URL, without a login. */
  urls: Record<string, string>;
}

export const emptyLock = (): LockFile => ({ images: {}, git: {}, urls: {} });

const version = 1;

function broken(file: string, what: string): SlipwayError {
  return new SlipwayError('ERR_LOCK', `${file} is no lock file: ${what}`, {
    hint: `write it anew: remove it, then slipway lock`,
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Entries of one section; a prototype's names are no entries. */
function section<T>(
  value: unknown,
  decode: (entry: unknown) => T | undefined,
): Record<string, T> | undefined {
  if (value === undefined) return {};
  if (!isRecord(value)) return undefined;
  const entries: [string, T][] = [];
  for (const [name, entry] of Object.entries(value)) {
    const decoded = decode(entry);
    if (decoded === undefined) return undefined;
    entries.push([name, decoded]);
  }
  return Object.fromEntries(entries);
}

const digest = (value: unknown): string | undefined =>
  typeof value === 'string' && isDigest(value) ? value : undefined;

function image(value: unknown): LockedImage | undefined {
  if (!isRecord(value)) return undefined;
  const whole = digest(value['digest']);
  const platforms = section(value['platforms'], digest);
  return whole !== undefined && platforms ? { digest: whole, platforms } : undefined;
}

function repository(value: unknown): LockedRepository | undefined {
  if (!isRecord(value)) return undefined;
  const { ref, commit } = value;
  const isCommit = typeof commit === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit);
  return typeof ref === 'string' && !ref.startsWith('-') && isCommit ? { ref, commit } : undefined;
}

/** @param file as messages name it. @throws ERR_LOCK */
export function parseLock(text: string, file: string): LockFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(file, (error as Error).message);
  }
  if (!isRecord(value)) throw broken(file, 'it holds no object');
  if (value['version'] !== version) {
    throw new SlipwayError('ERR_LOCK', `${file} has version ${JSON.stringify(value['version'])}`, {
      hint: `this slipway reads version ${version}: use the one that wrote it, or remove the file, then slipway lock`,
    });
  }
  const images = section(value['images'], image);
  if (!images) throw broken(file, 'an entry of images is not {"digest": "sha256:…", "platforms": {…}}');
  const git = section(value['git'], repository);
  if (!git) throw broken(file, 'an entry of git is not {"ref": "…", "commit": "…"}');
  const urls = section(value['urls'], digest);
  if (!urls) throw broken(file, 'an entry of urls is no sha256 digest');
  return { images, git, urls };
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One entry a line or few, sorted: a change is a small difference. */
export function formatLock({ images, git, urls }: LockFile): string {
  const sections = {
    version,
    images: Object.fromEntries(
      Object.entries(sorted(images)).map(([name, entry]) => [
        name,
        { digest: entry.digest, platforms: sorted(entry.platforms) },
      ]),
    ),
    git: Object.fromEntries(
      Object.entries(sorted(git)).map(([name, { ref, commit }]) => [name, { ref, commit }]),
    ),
    urls: sorted(urls),
  };
  return `${JSON.stringify(sections, undefined, 2)}\n`;
}
