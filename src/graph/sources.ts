// What a name in FROM, --from and --mount=from means: a named context, a stage, or an image.
import { type Place, SlipwayError } from '../errors.ts';
import { formatPlatform, type Platform, parsePlatform } from '../oci/platform.ts';
import { familiarReference, formatReference, parseReference } from '../oci/reference.ts';
import { type GitReference, parseGitReference } from './git-reference.ts';
import { makeVertex } from './make-vertex.ts';
import type { StageState } from './stage-state.ts';
import type { ImageOp, ImageOrigin, Vertex } from './vertex.ts';

/** A --build-context, its value understood. */
export type ContextTarget =
  | { kind: 'image'; origin: ImageOrigin }
  /** An empty root. */
  | { kind: 'scratch' }
  | { kind: 'folder'; path: string }
  | { kind: 'git'; reference: GitReference }
  /** An archive, or a single file that is then named `context`. */
  | { kind: 'http'; url: string }
  /** What another build of the same graph comes to. @throws ERR_PLATFORM where it is not built for the platform */
  | { kind: 'target'; state(platform: Platform): StageState };

/**
 * Understands the value of --build-context.
 * @throws ERR_UNSUPPORTED for kinds that are not there, ERR_BAD_REFERENCE for images that are none, ERR_USAGE for Git URLs.
 */
export function parseContextTarget(value: string): ContextTarget {
  // A name without a scheme is a folder here.
  const reference = value.startsWith('github.com/') ? undefined : parseGitReference(value);
  if (reference) return { kind: 'git', reference };
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(value)?.[1];
  if (scheme === undefined || /^[a-z]:[\\/]/i.test(value)) return { kind: 'folder', path: value };
  const rest = value.slice(scheme.length + 1).replace(/^\/\//, '');
  if (scheme === 'docker-image') {
    if (rest === 'scratch') return { kind: 'scratch' };
    parseReference(rest);
    return { kind: 'image', origin: { kind: 'registry', reference: rest } };
  }
  if (scheme === 'oci-layout') return { kind: 'image', origin: { kind: 'oci-layout', reference: rest } };
  if (scheme === 'http' || scheme === 'https') return { kind: 'http', url: value };
  throw new SlipwayError(
    'ERR_UNSUPPORTED',
    `a build context of kind ${JSON.stringify(scheme)} is not supported: ${value}`,
    {
      hint: 'give a folder, docker-image://REFERENCE, oci-layout://PATH[:TAG][@DIGEST], or the URL of a Git repository or an archive',
    },
  );
}

/** What a name that leaves parts out is completed with. */
const linux: Platform = { os: 'linux', architecture: 'amd64' };

/**
 * The key under which a named context is looked up: `alpine` for docker.io/library/alpine:latest. A name that ends in
 * `::os/arch` is for that platform alone.
 */
export function contextKey(name: string): string {
  const [, bare, platform] = /^(.+)::(.+)$/.exec(name) ?? [];
  try {
    if (bare !== undefined && platform !== undefined)
      return platformContextKey(bare, parsePlatform(platform, linux));
    return familiarReference(parseReference(name.toLowerCase())).replace(/:latest$/, '');
  } catch {
    return name.toLowerCase();
  }
}

export function platformContextKey(name: string, platform: Platform): string {
  return `${contextKey(name)}::${formatPlatform(platform)}`;
}

export function imageKey(op: ImageOp): string {
  return `${op.origin.kind} ${op.origin.reference} ${formatPlatform(op.platform)}`;
}

/** @throws ERR_BAD_REFERENCE with `place`. */
export function imageOp(name: string, platform: Platform, place: Place): ImageOp {
  try {
    const reference = formatReference(parseReference(name));
    return { type: 'image', origin: { kind: 'registry', reference }, platform };
  } catch (error) {
    if (error instanceof SlipwayError) error.place ??= place;
    throw error;
  }
}

export function imageVertex(op: ImageOp, name: string, place: Place): Vertex {
  return makeVertex({ op, inputs: [], name, place, ignoreCache: false });
}

export function contextVertex(
  name: string,
  place: Place,
  kind: 'folder' | 'git' | 'http' = 'folder',
): Vertex {
  const where = { folder: 'load from client', git: 'load from Git', http: 'load from URL' }[kind];
  const label = name === '' ? '[internal] load build context' : `[context ${name}] ${where}`;
  return makeVertex({ op: { type: 'context', name }, inputs: [], name: label, place, ignoreCache: false });
}
