// Which images, URLs and repositories a build may use, and what stands in for them (BuildKit's source policies).
import { type Place, SlipwayError } from '../errors.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { redactSource } from '../redact-source.ts';
import { isGitReference, parseGitReference } from './git-reference.ts';
import type { PolicyRule } from './parse-source-policy.ts';
import type { GitOp, HttpOp, ImageOp } from './vertex.ts';

export type RemoteOp = ImageOp | HttpOp | GitOp;

/**
 * The source that is to be used in the place of another, often the same.
 * @throws ERR_NOT_ALLOWED where a rule denies it, ERR_UNSUPPORTED and ERR_USAGE where a rule makes it what can't be, each with place and rule
 */
export type SourcePolicy = <O extends RemoteOp>(op: O, place: Place | undefined) => O;

/** As BuildKit names sources. */
interface Source {
  identifier: string;
  attrs: Record<string, string>;
}

/** Rules that turn into each other end here. */
const mostChanges = 20;

/** @param file names the rules in errors. */
export function createSourcePolicy(rules: readonly PolicyRule[], file: string): SourcePolicy {
  const where = (rule: PolicyRule): string =>
    `rule ${rule.number} of ${file} (${rule.action} ${rule.identifier})`;

  /** The rule that changed the source; undefined where none did. */
  function step(source: Source, place: Place | undefined): PolicyRule | undefined {
    let denied: PolicyRule | undefined;
    for (const rule of rules) {
      if (!rule.pattern.matches(source.identifier) || !rule.holds(source.attrs)) continue;
      if (rule.action === 'ALLOW') denied = undefined;
      if (rule.action === 'DENY') denied = rule;
      if (rule.action === 'CONVERT' && convert(source, rule)) return rule;
    }
    if (!denied) return undefined;
    throw new SlipwayError(
      'ERR_NOT_ALLOWED',
      `the source ${redactSource(source.identifier)} is denied by policy`,
      {
        place,
        hint: `by ${where(denied)}: use another source, or let a later rule allow it`,
      },
    );
  }

  return (op, place) => {
    const source = sourceOf(op);
    const first = source.identifier;
    let last: PolicyRule | undefined;
    for (let changes = 0; ; changes++) {
      const changed = step(source, place);
      if (!changed) break;
      last = changed;
      if (changes < mostChanges) continue;
      throw new SlipwayError('ERR_USAGE', `source policies change ${redactSource(first)} without end`, {
        place,
        hint: `look at ${where(changed)}`,
      });
    }
    if (!last) return op;
    try {
      return applied(op, source);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      error.place ??= place;
      error.hint = `look at ${where(last)}`;
      throw error;
    }
  };
}

function convert(source: Source, { pattern, updates }: PolicyRule): boolean {
  const identifier =
    updates.identifier === '' ? source.identifier : pattern.format(source.identifier, updates.identifier);
  const attrs = { ...source.attrs, ...updates.attrs };
  const changed =
    identifier !== source.identifier ||
    Object.entries(updates.attrs).some(([key, value]) => source.attrs[key] !== value);
  Object.assign(source, { identifier, attrs });
  return changed;
}

function sourceOf(op: RemoteOp): Source {
  switch (op.type) {
    case 'image': {
      const { kind, reference } = op.origin;
      const scheme = kind === 'registry' ? 'docker-image' : kind;
      const name = kind === 'registry' ? formatReference(parseReference(reference)) : reference;
      return { identifier: `${scheme}://${name}`, attrs: {} };
    }
    case 'http':
      return { identifier: op.url, attrs: op.checksum === undefined ? {} : { 'http.checksum': op.checksum } };
    case 'git': {
      const fragment = [op.ref ?? '', op.subdir].join(':').replace(/:$/, '');
      return {
        identifier: `git://${bareRemote(op.remote)}${fragment === '' ? '' : `#${fragment}`}`,
        attrs: {
          'git.fullurl': op.remote,
          ...(op.checksum === undefined ? {} : { 'git.checksum': op.checksum }),
        },
      };
    }
  }
}

/** Without scheme and login; `git@host:path` is `host/path`. */
function bareRemote(remote: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(remote)?.[0];
  const rest = scheme ? remote.slice(scheme.length) : remote.replace(':', '/');
  return rest.replace(/^[^/@]*@/, '');
}

function applied<O extends RemoteOp>(op: O, source: Source): O {
  return ((): RemoteOp => {
    switch (op.type) {
      case 'image':
        return appliedImage(op, source);
      case 'http':
        return appliedHttp(op, source);
      case 'git':
        return appliedGit(op, source);
    }
  })() as O;
}

function refuse(source: Source, what: string): never {
  throw new SlipwayError(
    'ERR_UNSUPPORTED',
    `a source policy can't make ${redactSource(source.identifier)} of ${what}`,
  );
}

function checkAttrs(attrs: Record<string, string>, known: readonly string[]): void {
  const other = Object.keys(attrs).find((key) => !known.includes(key));
  if (other !== undefined)
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `the attribute ${JSON.stringify(other)} of a source policy is not supported`,
    );
}

function appliedImage(op: ImageOp, source: Source): ImageOp {
  checkAttrs(source.attrs, []);
  const reference = /^docker-image:\/\/(.+)$/s.exec(source.identifier)?.[1];
  if (reference === undefined || op.origin.kind !== 'registry') refuse(source, 'an image');
  return { ...op, origin: { kind: 'registry', reference: formatReference(parseReference(reference)) } };
}

function appliedHttp(op: HttpOp, source: Source): HttpOp {
  checkAttrs(source.attrs, ['http.checksum']);
  if (!/^https?:\/\//i.test(source.identifier)) refuse(source, 'a URL');
  return { ...op, url: source.identifier, checksum: source.attrs['http.checksum'] };
}

function appliedGit(op: GitOp, source: Source): GitOp {
  checkAttrs(source.attrs, ['git.fullurl', 'git.checksum']);
  const [, bare = '', fragment = ''] =
    /^git:\/\/([^#]+)(?:#(.*))?$/s.exec(source.identifier) ?? refuse(source, 'a repository');
  const given = source.attrs['git.fullurl']!;
  const remote = given !== op.remote || bare === bareRemote(op.remote) ? given : `https://${bare}`;
  // The repository is one already, whatever its name ends in.
  const named = `https://host/path.git#${fragment}`;
  const { ref, subdir } = parseGitReference(named)!;
  if (!isGitReference(remote)) refuse(source, 'a repository');
  return { ...op, remote, ref, subdir, checksum: source.attrs['git.checksum'] };
}
