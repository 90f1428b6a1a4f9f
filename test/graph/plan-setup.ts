// Plans texts with base images that need no registry, and shows what came of it.
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import type { NeededImage } from '../../src/graph/evaluate.ts';
import {
  type Plan,
  type PlanInput,
  type PlanOutcome,
  plan,
  type ResolvedBase,
} from '../../src/graph/plan.ts';
import { contextKey, imageKey, parseContextTarget } from '../../src/graph/sources.ts';
import type { Vertex } from '../../src/graph/vertex.ts';
import type { ContainerConfig } from '../../src/oci/config.ts';
import { digestOf } from '../../src/oci/digest.ts';

export interface PlanRequest extends Partial<Omit<PlanInput, 'dockerfile' | 'contexts' | 'images'>> {
  /** Values of --build-context by name. */
  buildContexts?: Record<string, string>;
  /** Configs of base images by reference as it stands in the Dockerfile's full form; others have only a PATH. */
  bases?: Record<string, ContainerConfig>;
}

const amd64 = { os: 'linux', architecture: 'amd64' };

function planInput(text: string, request: PlanRequest, images: PlanInput['images']): PlanInput {
  const { buildContexts = {}, bases: _bases, ...rest } = request;
  return {
    dockerfile: parseDockerfile(text, 'Dockerfile'),
    target: undefined,
    buildArgs: {},
    contexts: new Map(
      Object.entries(buildContexts).map(([name, value]) => [
        contextKey(name),
        { name, target: parseContextTarget(value) },
      ]),
    ),
    buildPlatform: amd64,
    targetPlatform: amd64,
    platformGiven: false,
    multiPlatform: false,
    noCache: false,
    noCacheFilter: [],
    network: 'default',
    allow: [],
    labels: {},
    images,
    ...rest,
  };
}

/** One call, with no image known. */
export function planOnce(text: string, request: PlanRequest = {}): PlanOutcome {
  return plan(planInput(text, request, new Map()));
}

function base({ op }: NeededImage, request: PlanRequest): ResolvedBase {
  const { reference } = op.origin;
  const config = request.bases?.[reference] ?? { Env: ['PATH=/bin'] };
  return {
    name: reference,
    config: {
      ...op.platform,
      created: '2026-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: [] },
      history: [{ created_by: 'base' }],
    },
    digest: digestOf(reference),
  };
}

export interface Planned extends Plan {
  /** What was asked for, one list for each round, as `reference platform`. */
  rounds: string[][];
}

/** Until all base images are known. */
export function planned(text: string, request: PlanRequest = {}): Planned {
  const images = new Map<string, ResolvedBase>();
  const rounds: string[][] = [];
  for (;;) {
    const outcome = plan(planInput(text, request, images));
    if (outcome.type === 'plan') return { ...outcome.plan, rounds };
    rounds.push(
      outcome.images.map(({ op }) => `${op.origin.reference} ${op.platform.os}/${op.platform.architecture}`),
    );
    for (const image of outcome.images) images.set(imageKey(image.op), base(image, request));
    if (rounds.length > 10) throw new Error('planning does not end');
  }
}

/** Every vertex once, inputs before what stands on them. */
export function verticesOf(root: Vertex | undefined): Vertex[] {
  const found = new Map<string, Vertex>();
  const visit = (vertex: Vertex | undefined): void => {
    if (!vertex || found.has(vertex.id)) return;
    for (const input of vertex.inputs) visit(input);
    found.set(vertex.id, vertex);
  };
  visit(root);
  return [...found.values()];
}

export const namesOf = (result: Plan): string[] => verticesOf(result.target.vertex).map(({ name }) => name);
export const historyOf = (result: Plan): (string | undefined)[] =>
  result.target.history.map(({ entry }) => entry.created_by);

/** The last RUN's op. */
export function lastRun(result: Plan) {
  const run = verticesOf(result.target.vertex).findLast(({ op }) => op.type === 'exec');
  if (run?.op.type !== 'exec') throw new Error('there is no RUN');
  return { ...run.op, env: Object.fromEntries(run.op.env), vertex: run };
}
