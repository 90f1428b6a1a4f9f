// What `--metadata-file` holds of how images were made, under buildx's keys: `buildx.build.provenance`, with the platform behind
// it where there are several.
import { formatPlatform } from '../oci/platform.ts';
import type { Attestor } from './attest.ts';
import type { SolvedImage } from './solve-platform.ts';

/** Empty where no provenance was asked for. */
export async function provenanceMetadata(
  attestor: Attestor,
  solved: readonly SolvedImage[],
  { epoch, signal }: { epoch: number | undefined; signal: AbortSignal },
): Promise<Record<string, unknown>> {
  const metadata: Record<string, unknown> = {};
  for (const [index, { platform }] of solved.entries()) {
    const claims = await attestor.claims({ index, epoch, inline: true, layers: undefined }, signal);
    const found = claims.find(({ claim }) => claim.predicateType.startsWith('https://slsa.dev/provenance/'));
    const suffix = solved.length === 1 ? '' : `/${formatPlatform(platform)}`;
    if (found) metadata[`buildx.build.provenance${suffix}`] = found.claim.predicate;
  }
  return metadata;
}
