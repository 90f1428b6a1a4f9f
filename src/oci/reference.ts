// Image references: [registry/]repository[:tag][@digest], with Docker's defaults (distribution's reference grammar).
import { SlipwayError } from '../errors.ts';
import { type Digest, isDigest } from './digest.ts';

export interface Reference {
  /** `docker.io`, `localhost:5000`. */
  registry: string;
  /** `library/busybox`. */
  repository: string;
  /** `latest` where neither tag nor digest is given. */
  tag?: string;
  digest?: Digest;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^[\w][\w.-]{0,127}$/;
const domain =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;

function bad(text: string, why: string): SlipwayError {
  return new SlipwayError('ERR_BAD_REFERENCE', `${JSON.stringify(text)} is no image reference: ${why}`, {
    hint: 'write [registry/]name[:tag][@sha256:digest], in lower case',
  });
}

/** Of a repository, as registries have it. */
const longestRepository = 255;
/** More than the longest registry, repository, tag and digest together. */
const longestReference = 1024;

/** @throws ERR_BAD_REFERENCE */
export function parseReference(text: string): Reference {
  if (text.length > longestReference) throw bad(`${text.slice(0, 60)}…`, `it has ${text.length} characters`);
  let rest = text;
  let digest: Digest | undefined;
  const at = rest.indexOf('@');
  if (at >= 0) {
    const after = rest.slice(at + 1);
    if (!isDigest(after)) throw bad(text, `${JSON.stringify(after)} is no sha256 digest`);
    digest = after;
    rest = rest.slice(0, at);
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!tagForm.test(tag)) throw bad(text, `${JSON.stringify(tag)} is no tag`);
  }
  if (rest === '') throw bad(text, 'it has no name');
  const slash = rest.indexOf('/');
  const first = rest.slice(0, Math.max(slash, 0));
  const hasRegistry =
    slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  let registry = hasRegistry ? first : 'docker.io';
  let repository = hasRegistry ? rest.slice(slash + 1) : rest;
  if (registry === 'index.docker.io') registry = 'docker.io';
  if (!domain.test(registry)) throw bad(text, `${JSON.stringify(registry)} is no registry`);
  if (repository.length > longestRepository)
    throw bad(text, `its name has more than ${longestRepository} characters`);
  if (!repository.split('/').every((part) => component.test(part))) {
    const why =
      repository !== repository.toLowerCase()
        ? 'its name must be in lower case'
        : `${JSON.stringify(repository)} is no repository`;
    throw bad(text, why);
  }
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`;
  if (tag === undefined && digest === undefined) tag = 'latest';
  return { registry, repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** The full form: `docker.io/library/busybox:latest`. */
export function formatReference(ref: Reference): string {
  return `${ref.registry}/${ref.repository}${ref.tag ? `:${ref.tag}` : ''}${ref.digest ? `@${ref.digest}` : ''}`;
}

/** As people write it: without `docker.io/library/`. */
export function familiarReference(ref: Reference): string {
  const { registry, repository, ...rest } = ref;
  const full = formatReference(ref);
  if (registry !== 'docker.io') return full;
  const official = /^library\/[^/]+$/.test(repository);
  // A first component that looks like a registry must not stand first.
  if (!official && (/^library\//.test(repository) || /^(localhost|[^/]*[.:][^/]*)\//.test(repository)))
    return full;
  const short = formatReference({
    registry: '',
    repository: official ? repository.slice('library/'.length) : repository,
    ...rest,
  });
  return short.slice(1);
}
