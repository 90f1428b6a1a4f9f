// What a build tells of its results: the image's ID, its descriptor, and what `--metadata-file` holds.
import type { BuildRequest, BuildResult, OutputSpec, StepStatistics } from '../build-request.ts';
import type { ExportedImage } from '../export/image.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { pushTargets } from './push-targets.ts';
import type { SolvedImage } from './solve-platform.ts';

/** An output, and the image that went there; undefined where only files did. */
export interface Exported {
  output: OutputSpec;
  image: ExportedImage | undefined;
}

export interface ResultParts {
  exported: readonly Exported[];
  solved: readonly SolvedImage[];
  request: BuildRequest;
  statistics: StepStatistics;
}

const fullNames = (names: readonly string[]): string[] => [
  ...new Set(names.map((name) => formatReference(parseReference(name)))),
];

/** Where several outputs are images, the last one is told of at the top, as docker's own build does. */
export function describeResult({ exported, solved, request, statistics }: ResultParts): BuildResult {
  const images = exported.flatMap(({ output, image }) => (image ? [{ output, image }] : []));
  const last = images.at(-1);
  const names = fullNames(request.tags);
  const result = { names, steps: { ...statistics } };
  if (!last) {
    // Nothing was compressed for it: the config alone says which image it would be.
    return {
      ...result,
      imageID: digestOf(encodeJson(solved[0]!.config)),
      descriptor: undefined,
      metadata: {},
    };
  }
  const config = configOf(last.image);
  const outputs = images.map(({ output, image }) => ({
    type: output.type,
    ...('dest' in output ? { dest: output.dest } : {}),
    ...describeImage(image, namesOf(output, names)),
  }));
  return {
    ...result,
    imageID: config ?? last.image.descriptor.digest,
    descriptor: last.image.descriptor,
    metadata: {
      ...describeImage(last.image, namesOf(last.output, names)),
      ...(outputs.length > 1 ? { 'slipway.outputs': outputs } : {}),
    },
  };
}

function namesOf(output: OutputSpec, tags: readonly string[]): string[] {
  if (output.type === 'image' && output.push) {
    return pushTargets(output.push, tags).flatMap(({ name, tags: own }) =>
      own.length > 0 ? own.map((tag) => `${name}:${tag}`) : [name],
    );
  }
  return 'names' in output ? fullNames([...tags, ...output.names]) : [...tags];
}

/** Of an image of one platform. */
function configOf({ descriptor, manifests }: ExportedImage): Digest | undefined {
  const [only] = manifests;
  return manifests.length === 1 && only?.descriptor.digest === descriptor.digest
    ? only.config.digest
    : undefined;
}

function describeImage(image: ExportedImage, names: readonly string[]): Record<string, unknown> {
  const config = configOf(image);
  return {
    ...(config ? { 'containerimage.config.digest': config } : {}),
    'containerimage.descriptor': image.descriptor,
    'containerimage.digest': image.descriptor.digest,
    ...(names.length > 0 ? { 'image.name': names.join(',') } : {}),
  };
}
