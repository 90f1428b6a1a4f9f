// Attests a build: what it was made of and how (provenance), and what is in it (a bill of materials).
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { verticesOf } from '../attest/build-steps.ts';
import { type ProvenanceInput, type ProvenancePredicate, provenance } from '../attest/provenance.ts';
import { asSlsaV02 } from '../attest/slsa-v02.ts';
import { type Claim, predicateType } from '../attest/statement.ts';
import type { ProvenanceOptions } from '../build-request.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOfJson, hexOf } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { Result } from '../ops/result.ts';
import type { OnEvent } from '../solver/events.ts';
import type { Solver } from '../solver/solve.ts';
import { dockerfileName } from './definition.ts';
import type { PlanBuildParts, PlannedBuild } from './plan-build.ts';
import {
  contextSource,
  imageMaterials,
  layerCounts,
  localContexts,
  pinnedMaterials,
  requestArgs,
  sortMaterials,
} from './provenance-input.ts';
import type { RecordedSources } from './record-sources.ts';
import type { ImageResolver } from './resolve-image.ts';
import { type SbomScan, scanImage } from './scan-image.ts';
import { baseCount, type SolvedImage } from './solve-platform.ts';
import type { State } from './state.ts';

export interface AttestorParts {
  plan: PlanBuildParts & { images: ImageResolver };
  planned: readonly PlannedBuild[];
  solved: readonly SolvedImage[];
  solver: Solver<Result>;
  recorded: RecordedSources;
  state: State;
  onEvent: OnEvent;
  now(): number;
  /** Milliseconds since 1970. */
  started: number;
}

export interface ClaimOptions {
  /** Which of the platforms. */
  index: number;
  /** Seconds since 1970: every time is this one, and nothing is random. */
  epoch: number | undefined;
  /** Beside an image, and not in a file of its own. */
  inline: boolean;
  /** Of the image, as they are stored; undefined where there is none. */
  layers: readonly Descriptor[] | undefined;
}

export interface NamedClaim {
  /** The file's name in outputs that are files. */
  file: string;
  claim: Claim;
}

export interface Attestor {
  /** Whether anything is said of an image (`inline`), or of files. */
  speaks(inline: boolean): boolean;
  /** What is said of the image of one platform: bills of materials first. */
  claims(options: ClaimOptions, signal: AbortSignal): Promise<NamedClaim[]>;
}

/** The time of the last step is that of the build, whatever is exported then. */
export function createAttestor(parts: AttestorParts): Attestor {
  const { request } = parts.plan;
  const finished = parts.now();
  const invocationID = randomUUID();
  const scans = new Map<number, Promise<SbomScan[]>>();
  const version = packageVersion();

  function scan(index: number, signal: AbortSignal): Promise<SbomScan[]> {
    const known = scans.get(index) ?? observed(index, () => scanImage(parts, index, signal));
    scans.set(index, known);
    return known;
  }

  /** As a vertex of the progress. */
  async function observed<T>(index: number, work: () => Promise<T>): Promise<T> {
    const { onEvent, now } = parts;
    const platform = formatPlatform(parts.solved[index]!.platform);
    const id = `sbom ${platform}`;
    onEvent({ type: 'started', vertex: { id, name: `[${platform}] scanning for packages` }, time: now() });
    try {
      const result = await work();
      onEvent({ type: 'done', id, time: now() });
      return result;
    } catch (error) {
      onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
      throw error;
    }
  }

  async function provenanceClaim(
    options: ProvenanceOptions,
    { index, epoch, layers }: ClaimOptions,
    signal: AbortSignal,
  ): Promise<Claim> {
    const { target } = parts.planned[index]!.plan;
    const vertices = verticesOf(target.vertex);
    const image = parts.solved[index]!;
    const counts = layerCounts(target.vertex, image.steps ?? image.layers, (vertex) =>
      Boolean(parts.solver.record(vertex)),
    );
    // What several steps made in one layer is said of the last of them.
    const isPart = (id: string, count: number): boolean =>
      image.steps !== undefined && id !== target.vertex?.id && count > baseCount(image);
    const { dockerfile } = parts.plan.definition;
    const { recorded } = parts;
    const config = recorded.find(request.context);
    const input: ProvenanceInput = {
      mode: options.mode,
      builderID: options.builderID ?? '',
      builderVersion: version,
      reproducible: options.reproducible ?? false,
      configSource: { ...config, path: dockerfileName(dockerfile.file) },
      args: requestArgs(request),
      vcs: request.vcs,
      locals: localContexts(vertices, request),
      target: target.vertex,
      contextSource: contextSource(request, parts.plan.definition),
      dockerfile: { file: dockerfileName(dockerfile.file), text: dockerfile.text },
      materials: sortMaterials([
        ...(await imageMaterials(vertices, parts.plan.images, signal)),
        ...recorded.materials(),
        ...pinnedMaterials(vertices),
      ]),
      builderPlatform: parts.plan.buildPlatform,
      invocationID: epoch === undefined ? invocationID : '',
      startedOn: new Date(epoch === undefined ? parts.started : epoch * 1000).toISOString(),
      finishedOn: new Date(epoch === undefined ? finished : epoch * 1000).toISOString(),
      layersOf({ id }) {
        const count = counts.get(id) ?? 0;
        return layers?.slice(0, isPart(id, count) ? 0 : count);
      },
    };
    const predicate = withInvocation(provenance(input), epoch);
    return options.version === 'v0.2'
      ? { predicateType: predicateType.slsaV02, predicate: asSlsaV02(predicate) }
      : { predicateType: predicateType.slsaV1, predicate };
  }

  const { provenance: wanted, sbom } = request.attestations ?? {};

  return {
    speaks: (inline) => sbom === true || (wanted !== undefined && (inline || !wanted.inlineOnly)),
    async claims(options, signal) {
      const { index, epoch, inline } = options;
      const claims: NamedClaim[] = [];
      const time = new Date(epoch === undefined ? finished : epoch * 1000).toISOString();
      const created = time.replace(/\.\d+Z$/, 'Z');
      for (const { file, document } of sbom ? await scan(index, signal) : []) {
        const predicate = document({ created, tool: `slipway-${version}` });
        claims.push({ file, claim: { predicateType: predicateType.spdx, predicate } });
      }
      if (wanted && (inline || !wanted.inlineOnly)) {
        const file = wanted.filename ?? 'provenance.json';
        claims.push({ file, claim: await provenanceClaim(wanted, options, signal) });
      }
      return claims;
    },
  };
}

/** With an epoch, equal builds are one invocation. */
function withInvocation(predicate: ProvenancePredicate, epoch: number | undefined): ProvenancePredicate {
  if (epoch === undefined) return predicate;
  const { runDetails } = predicate;
  const invocationId = hexOf(digestOfJson(predicate)).slice(0, 32);
  return { ...predicate, runDetails: { ...runDetails, metadata: { ...runDetails.metadata, invocationId } } };
}

/** The package's own file, from src/build, dist/build and the bundle's dist/cli/chunk. */
function packageVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const read = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as Record<string, unknown>;
      if (read['name'] === 'slipway' && typeof read['version'] === 'string') return read['version'];
    } catch {
      // Not there: the next one.
    }
  }
  return 'unknown';
}
