// Contexts and Dockerfiles that come from elsewhere, as far as a source policy allows.
import type { SourcePolicy } from '../graph/source-policy.ts';
import type { GitOp, HttpOp } from '../graph/vertex.ts';
import { parseDigest } from '../oci/digest.ts';
import type { Sources } from './sources.ts';

/** The same sources; what the policy replaces is fetched in the place of what was asked for. */
export function policedSources(sources: Sources, policy: SourcePolicy): Sources {
  return {
    ...sources,
    async http(url, checksum, signal) {
      const op = policy<HttpOp>({ type: 'http', url, checksum }, undefined);
      return sources.http(op.url, op.checksum === undefined ? undefined : parseDigest(op.checksum), signal);
    },
    async git(spec, signal) {
      const { type: _, ...allowed } = policy<GitOp>({ type: 'git', ...spec }, undefined);
      return sources.git(allowed, signal);
    },
  };
}
