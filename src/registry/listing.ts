// Lists that a registry gives in pages: tags of a repository, and repositories (distribution-spec, content discovery).
import { SlipwayError } from '../errors.ts';
import type { RegistryClient, Repository } from './client.ts';
import { failure, type Subject } from './failure.ts';
import { type HttpAnswer, headerOf } from './http.ts';
import { cleanText } from './redact.ts';

const pageSize = 1000;
const pageLimit = 8 << 20;
/** A registry that never comes to an end is left. */
const mostPages = 1000;
const mostNames = 1_000_000;

/** The next page, which must be the same registry's (RFC 8288). */
function nextPage(answer: HttpAnswer): URL | undefined {
  const link = headerOf(answer, 'link') ?? '';
  const target = /<([^>]*)>[^,]*;\s*rel="?next"?/i.exec(link)?.[1];
  if (target === undefined || !URL.canParse(target, answer.url.href)) return undefined;
  const next = new URL(target, answer.url.href);
  // It does not know that TLS ends before it: it is asked with TLS, as it was.
  if (next.protocol === 'http:' && answer.url.protocol === 'https:' && next.host === answer.url.host)
    next.protocol = 'https:';
  return next.origin === answer.url.origin ? next : undefined;
}

function namesIn(answer: HttpAnswer, key: string, subject: Subject): string[] {
  let value: unknown;
  try {
    value = (JSON.parse(answer.bytes.toString('utf8')) as Record<string, unknown> | null)?.[key];
  } catch {
    value = undefined;
  }
  // Some registries say null for none.
  if (value === null) return [];
  if (!answer.truncated && Array.isArray(value) && value.every((name) => typeof name === 'string'))
    return value.map((name) => cleanText(name, 300));
  throw new SlipwayError(
    'ERR_REGISTRY',
    `${subject.registry} gave something that is no list of ${subject.what}`,
  );
}

interface Listing {
  repository: Repository;
  first: string | URL;
  key: string;
  subject: Subject;
  scope?: string;
}

async function readPages(client: RegistryClient, listing: Listing, signal: AbortSignal): Promise<string[]> {
  const { repository, key, subject, scope } = listing;
  const names = new Set<string>();
  let path: string | URL | undefined = listing.first;
  for (let page = 0; path !== undefined && page < mostPages && names.size < mostNames; page++) {
    const call = {
      method: 'GET' as const,
      path,
      limit: pageLimit,
      ...(scope === undefined ? {} : { scope }),
    };
    const answer = await client.read(repository, call, signal);
    if (answer.status !== 200) throw failure(answer, subject);
    const before = names.size;
    for (const name of namesIn(answer, key, subject)) names.add(name);
    // A page that brings nothing new would be asked for again without end.
    path = names.size > before ? nextPage(answer) : undefined;
  }
  return [...names];
}

/** @throws ERR_IMAGE_NOT_FOUND, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY */
export function readTags(
  client: RegistryClient,
  repository: Repository,
  signal: AbortSignal,
): Promise<string[]> {
  const name = `${repository.registry}/${repository.repository}`;
  const subject = {
    registry: repository.registry,
    what: `tags of ${name}`,
    absent: 'ERR_IMAGE_NOT_FOUND',
  } as const;
  return readPages(client, { repository, first: `tags/list?n=${pageSize}`, key: 'tags', subject }, signal);
}

/** @throws ERR_UNSUPPORTED where the registry gives no list, and as readTags */
export async function readCatalog(
  client: RegistryClient,
  registry: string,
  signal: AbortSignal,
): Promise<string[]> {
  const subject = { registry, what: 'repositories', absent: 'ERR_UNSUPPORTED' } as const;
  const repository = { registry, repository: '' };
  const first = `_catalog?n=${pageSize}`;
  return readPages(
    client,
    { repository, first, key: 'repositories', subject, scope: 'registry:catalog:*' },
    signal,
  );
}
