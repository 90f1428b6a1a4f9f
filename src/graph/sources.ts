// What a name in FROM, --from and --mount=from means: a named context, a stage, or an image.
import { type Place, SlipwayError } from '../errors.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { familiarReference, formatReference, parseReference } from '../oci/reference.ts';
import { makeVertex } from './make-vertex.ts';
import type { ImageOp, ImageOrigin, Vertex } from './vertex.ts';

/** A --build-context, its value understood. */
export type ContextTarget = { kind: 'image'; origin: ImageOrigin } | { kind: 'folder'; path: string };

/**
 * Understands the value of --build-context.
 * @throws ERR_UNSUPPORTED for kinds that are not there, ERR_BAD_REFERENCE for images that are none.
 */
export function parseContextTarget(value: string): ContextTarget {
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(value)?.[1];
  if (scheme === undefined || /^[a-z]:[\\/]/i.test(value)) return { kind: 'folder', path: value };
  const rest = value.slice(scheme.length + 1).replace(/^\/\//, '');
  if (scheme === 'docker-image') {
    parseReference(rest);
    return { kind: 'image', origin: { kind: 'registry', reference: rest } };
  }
  if (scheme === 'oci-layout') return { kind: 'image', origin: { kind: 'oci-layout', reference: rest } };
  throw new SlipwayError(
    'ERR_UNSUPPORTED',
    `a build context of kind ${JSON.stringify(scheme)} is not supported: ${value}`,
    {
      hint: 'give a folder, docker-image://REFERENCE or oci-layout://PATH[:TAG][@DIGEST]',
    },
  );
}

/** The key under which a named context is looked up: `alpine` for docker.io/library/alpine:latest. */
export function contextKey(name: string): string {
  try {
    return familiarReference(parseReference(name.toLowerCase())).replace(/:latest$/, '');
  } catch {
    return name.toLowerCase();
  }
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

export function contextVertex(name: string, place: Place): Vertex {
  const label = name === '' ? '[internal] load build context' : `[context ${name}] load from client`;
  return makeVertex({ op: { type: 'context', name }, inputs: [], name: label, place, ignoreCache: false });
}
