// SLSA provenance v1 (slsa.dev/spec/v1.1/provenance) with the fields that BuildKit defines (its slsa-definitions.md).
import type { Vertex } from '../graph/vertex.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { buildSteps, verticesOf } from './build-steps.ts';
import type { DigestSet } from './statement.ts';

export interface Material {
  /** A package URL of an image, or a URL without its login. */
  uri: string;
  digest: DigestSet;
}

export interface ProvenanceInput {
  /** `min` holds no values of build arguments, no labels, no names of secrets, and no steps. */
  mode: 'min' | 'max';
  builderID: string;
  builderVersion: string;
  reproducible: boolean;
  configSource: { uri?: string; digest?: DigestSet; path: string };
  /** Named as BuildKit's frontend takes them: `build-arg:A`, `label:B`, `target`. */
  args: Record<string, string>;
  /** The repository of the context: `revision`, `source`. */
  vcs?: Record<string, string> | undefined;
  /** Contexts that are folders of the client. */
  locals: string[];
  target: Vertex | undefined;
  contextSource(name: string): string;
  dockerfile: { file: string; text: string };
  materials: Material[];
  builderPlatform: Platform;
  invocationID: string;
  /** ISO 8601. */
  startedOn: string;
  finishedOn: string;
  /** Of a vertex' result, lowest first, as the image has them. */
  layersOf(vertex: Vertex): Descriptor[] | undefined;
}

export interface ProvenancePredicate {
  buildDefinition: {
    buildType: string;
    externalParameters: {
      configSource: { uri?: string; digest?: DigestSet; path: string };
      request: {
        frontend: string;
        args: Record<string, string>;
        secrets?: { id: string; optional?: boolean }[];
        ssh?: { id: string; optional?: boolean }[];
        locals: { name: string }[];
      };
    };
    internalParameters: { builderPlatform: string; buildConfig?: object };
    resolvedDependencies: Material[];
  };
  runDetails: {
    builder: { id: string; version: Record<string, string> };
    metadata: {
      invocationId: string;
      startedOn: string;
      finishedOn: string;
      buildkit_metadata: object;
      buildkit_hermetic: boolean;
      buildkit_completeness: { request: boolean; resolvedDependencies: boolean };
      buildkit_reproducible: boolean;
    };
  };
}

const buildType = 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md';

export function provenance(input: ProvenanceInput): ProvenancePredicate {
  const vertices = verticesOf(input.target);
  const isMax = input.mode === 'max';
  const { secrets, ssh } = grantsOf(vertices);
  const kept = Object.entries(input.args)
    .filter(([name]) => isMax || !/^(build-arg|label):/.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const isWhole =
    isMax || (kept.length === Object.keys(input.args).length && secrets.length + ssh.length === 0);
  const hasAll = input.locals.length === 0;
  const steps = isMax ? buildSteps(vertices, input.contextSource) : [];
  return {
    buildDefinition: {
      buildType,
      externalParameters: {
        configSource: input.configSource,
        request: {
          frontend: 'dockerfile.v0',
          args: Object.fromEntries(kept),
          ...(isMax ? { secrets, ssh } : {}),
          locals: input.locals.map((name) => ({ name })),
        },
      },
      internalParameters: {
        builderPlatform: formatPlatform(input.builderPlatform),
        ...(isMax ? { buildConfig: { llbDefinition: steps, digestMapping: mappingOf(vertices) } } : {}),
      },
      resolvedDependencies: input.materials,
    },
    runDetails: {
      builder: { id: input.builderID, version: { slipway: input.builderVersion } },
      metadata: {
        invocationId: input.invocationID,
        startedOn: input.startedOn,
        finishedOn: input.finishedOn,
        buildkit_metadata: {
          ...(input.vcs && Object.keys(input.vcs).length > 0 ? { vcs: input.vcs } : {}),
          ...(isMax ? { source: sourceOf(vertices, input), layers: layersOf(vertices, input) } : {}),
        },
        buildkit_hermetic: hasAll && !vertices.some(({ op }) => op.type === 'exec' && op.network !== 'none'),
        buildkit_completeness: { request: isWhole, resolvedDependencies: hasAll },
        buildkit_reproducible: input.reproducible,
      },
    },
  };
}

interface Grant {
  id: string;
  optional?: boolean;
}

/** The ids of secrets and agents that steps ask for; needed somewhere is needed. */
function grantsOf(vertices: readonly Vertex[]): { secrets: Grant[]; ssh: Grant[] } {
  const mounts = vertices.flatMap(({ op }) => (op.type === 'exec' ? op.mounts : []));
  const list = (type: 'secret' | 'ssh'): Grant[] => {
    const required = new Map<string, boolean>();
    for (const mount of mounts)
      if (mount.type === type) required.set(mount.id, mount.required || (required.get(mount.id) ?? false));
    return [...required]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, isRequired]) => (isRequired ? { id } : { id, optional: true }));
  };
  return { secrets: list('secret'), ssh: list('ssh') };
}

function mappingOf(vertices: readonly Vertex[]): Record<string, string> {
  return Object.fromEntries(vertices.map(({ id }, index) => [id, `step${index}`]));
}

/** The Dockerfile, and which of its lines each step comes from. */
function sourceOf(vertices: readonly Vertex[], { dockerfile }: ProvenanceInput): object {
  const locations = vertices.map(({ place }, index) => {
    const { start, end } = place.range;
    // Lines as BuildKit counts them: the last one is part of the range.
    const last = end.column <= 1 ? Math.max(start.line, end.line - 1) : end.line;
    const ranges = [{ start: { line: start.line }, end: { line: last } }];
    return [`step${index}`, { locations: [{ ranges }] }];
  });
  const data = Buffer.from(dockerfile.text).toString('base64');
  return {
    infos: [{ filename: dockerfile.file, language: 'Dockerfile', data }],
    locations: Object.fromEntries(locations),
  };
}

function layersOf(vertices: readonly Vertex[], input: ProvenanceInput): object {
  const found = vertices.flatMap((vertex, index): [string, Descriptor[][]][] => {
    const layers = input.layersOf(vertex);
    return layers && layers.length > 0 ? [[`step${index}:0`, [layers]]] : [];
  });
  return Object.fromEntries(found);
}
