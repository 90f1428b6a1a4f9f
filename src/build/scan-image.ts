// Scans what a build made for packages: the image, and the stages and the context that ask for it.
import { verticesOf } from '../attest/build-steps.ts';
import { type Scan, scanTree } from '../attest/sbom/scan.ts';
import { scanTargets, stageName } from '../attest/sbom/scan-targets.ts';
import { type SpdxDocument, spdxDocument } from '../attest/sbom/spdx-document.ts';
import { SlipwayError } from '../errors.ts';
import { findTarget, type Stage, splitStages } from '../graph/stage.ts';
import type { Vertex } from '../graph/vertex.ts';
import { formatPlatform } from '../oci/platform.ts';
import { treeOf } from '../ops/result.ts';
import type { Tree } from '../seams.ts';
import type { AttestorParts } from './attest.ts';
import { buildArguments, planBuild } from './plan-build.ts';
import { createScannedFiles } from './scanned-files.ts';

export interface SbomScan {
  /** `sbom.spdx.json`, `sbom-build.spdx.json`. */
  file: string;
  document(options: { created: string; tool: string }): SpdxDocument;
}

interface Target {
  /** '' is the image itself. */
  name: string;
  tree: Tree;
}

/** The image first, stages in the order of the Dockerfile, then the context. */
export async function scanImage(
  parts: AttestorParts,
  index: number,
  signal: AbortSignal,
): Promise<SbomScan[]> {
  const targets = [
    { name: '', tree: await imageTree(parts, index, signal) },
    ...(await otherTrees(parts, index, signal)),
  ];
  return targets.map(({ name, tree }) => {
    const files = createScannedFiles(tree);
    const scan = scanTree(files, signal);
    warn(scan, name, { parts, index });
    return {
      file: fileName(name),
      document: (options) => spdxDocument(scan, files, { name: name || imageName(parts), ...options }),
    };
  });
}

const fileName = (name: string): string => `${name === '' ? 'sbom' : `sbom-${name}`}.spdx.json`;

function imageName({ plan: { request } }: AttestorParts): string {
  const names = request.outputs.flatMap((output) => ('names' in output ? output.names : []));
  return request.tags[0] ?? names[0] ?? 'image';
}

async function imageTree(
  { state, solved }: AttestorParts,
  index: number,
  signal: AbortSignal,
): Promise<Tree> {
  return (await (await state.snapshotter()).view(solved[index]!.layers, signal)).tree;
}

async function otherTrees(parts: AttestorParts, index: number, signal: AbortSignal): Promise<Target[]> {
  const { definition, request } = parts.plan;
  const wanted = scanTargets(definition.dockerfile, buildArguments(request));
  const snapshotter = await parts.state.snapshotter();
  const built = builtStages(parts, index, signal);
  const targets: Target[] = [];
  for (const stage of wanted.stages) {
    const vertex = await built.vertexOf(stage);
    if (vertex === undefined || stage === built.target) continue;
    const tree = await treeOf(await parts.solver.solve(vertex, signal), snapshotter, signal);
    targets.push({ name: stageName(stage), tree });
  }
  for (const stage of wanted.context) {
    if (stage !== built.target && (await built.vertexOf(stage)) === undefined) continue;
    targets.push({ name: 'context', tree: await treeOf(await definition.context(''), snapshotter, signal) });
    break;
  }
  return targets;
}

interface BuiltStages {
  target: Stage;
  /** What a stage has come to; undefined unless the build went through it. */
  vertexOf(stage: Stage): Promise<Vertex | undefined>;
}

/** Stages are planned on their own: equal vertices have equal ids. */
function builtStages(parts: AttestorParts, index: number, signal: AbortSignal): BuiltStages {
  const { definition, request } = parts.plan;
  const { stages } = splitStages(definition.dockerfile);
  const { plan } = parts.planned[index]!;
  const vertices = verticesOf(plan.target.vertex);
  const made = new Set(vertices.map(({ id }) => id));
  const linesOf = ({ index }: Stage): [number, number] => [
    stages[index]!.place.range.start.line,
    stages[index + 1]?.place.range.start.line ?? Number.POSITIVE_INFINITY,
  ];
  // Planning asks for base images: those of a stage that nothing needs may be far away.
  const isUsed = (stage: Stage): boolean => {
    const [first, end] = linesOf(stage);
    return vertices.some(({ place }) => place.range.start.line >= first && place.range.start.line < end);
  };
  return {
    target: findTarget(stages, request.target),
    async vertexOf(stage) {
      if (!isUsed(stage)) return undefined;
      const target = stage.name ?? String(stage.index);
      const own = { ...parts.plan, request: { ...request, target } };
      try {
        const { vertex } = (await planBuild(own, request.platforms[index] ?? own.buildPlatform, signal)).plan
          .target;
        return vertex && made.has(vertex.id) ? vertex : undefined;
      } catch (error) {
        // Only the part that is needed was planned before.
        if (error instanceof SlipwayError && !signal.aborted) return undefined;
        throw error;
      }
    },
  };
}

function warn(
  { unread }: Scan,
  name: string,
  { parts, index }: { parts: AttestorParts; index: number },
): void {
  for (const kind of unread) {
    const where = name === '' ? `the image for ${formatPlatform(parts.solved[index]!.platform)}` : name;
    parts.onEvent({
      type: 'warning',
      message: `not scanned: ${kind}: the SBOM of ${where} does not list them`,
      hint: 'scan the image with another tool: write it with --output=type=oci,dest=image.tar',
      time: parts.now(),
    });
  }
}
