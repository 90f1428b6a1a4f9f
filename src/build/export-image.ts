// Sends what was built where the request says: the local store, layouts, archives, folders.
import { join, resolve } from 'node:path';
import type { BuildRequest, ImageOptions, OutputSpec, PushOptions } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { removeOthers, treeEntries, writeFiles, writtenPaths } from '../export/files.ts';
import type { ExportedImage, PendingImage } from '../export/image.ts';
import { type LayoutOptions, ociTar, writeOciFolder } from '../export/oci-layout.ts';
import { writeOutput } from '../export/write-output.ts';
import { packLayer } from '../layer/tar-writer.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import type { LayerEntry, Tree } from '../seams.ts';
import type { OnEvent } from '../solver/events.ts';
import type { Attestor } from './attest.ts';
import { attestationEntries, attestFiles, imageAttestation, writeAttestations } from './attest-output.ts';
import { withExportProgress } from './export-progress.ts';
import { isMultiPlatform } from './multi-platform.ts';
import { pushTargets } from './push-targets.ts';
import type { SolvedImage } from './solve-platform.ts';
import type { State } from './state.ts';
import { needsOciTypes, storeImage } from './store-image.ts';

export interface ExportParts {
  state: State;
  request: BuildRequest;
  epoch: number | undefined;
  /** Undefined where nothing is to be attested. */
  attestor: Attestor | undefined;
  onEvent: OnEvent;
  now(): number;
}

type ImageOutput = OutputSpec & { type: 'image' | 'oci' | 'docker' };
type FileOutput = OutputSpec & { type: 'local' | 'tar' };

const labels: Record<OutputSpec['type'], string> = {
  image: 'exporting to image',
  oci: 'exporting to oci image format',
  docker: 'exporting to docker image format',
  local: 'exporting to client directory',
  tar: 'exporting to client tarball',
  cacheonly: 'keeping the cache',
};

const vertexID = (output: OutputSpec): string =>
  `export ${output.type} ${'dest' in output ? output.dest : ''}`;

/** Runs one output as a vertex of its own in the progress; returns the image of those that are images. */
export async function exportOutput(
  output: OutputSpec,
  images: readonly SolvedImage[],
  parts: ExportParts,
  signal: AbortSignal,
): Promise<ExportedImage | undefined> {
  const { onEvent, now } = parts;
  const id = vertexID(output);
  onEvent({ type: 'started', vertex: { id, name: labels[output.type] }, time: now() });
  try {
    const image = await perform(output, images, parts, signal);
    onEvent({ type: 'done', id, time: now() });
    return image;
  } catch (error) {
    onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
    throw error;
  }
}

async function perform(
  output: OutputSpec,
  images: readonly SolvedImage[],
  parts: ExportParts,
  signal: AbortSignal,
): Promise<ExportedImage | undefined> {
  switch (output.type) {
    case 'cacheonly':
      return undefined;
    case 'local':
    case 'tar':
      await exportFiles(output, images, parts, signal);
      return undefined;
    default:
      return exportImage(output, images, parts, signal);
  }
}

function warn(options: ImageOptions, { epoch, onEvent, now }: ExportParts): void {
  if (options.rewriteTimestamp && (options.epoch ?? epoch) === undefined) {
    onEvent({
      type: 'warning',
      message: 'rewrite-timestamp does nothing: there is no SOURCE_DATE_EPOCH',
      hint: 'set SOURCE_DATE_EPOCH to seconds since 1970, in the environment or with --build-arg',
      time: now(),
    });
  }
  if (options.ociMediaTypes === false && needsOciTypes(options)) {
    const why = options.compression === 'zstd' ? 'compression=zstd' : 'an annotation';
    onEvent({
      type: 'warning',
      message: `oci-mediatypes=false does nothing: ${why} needs OCI media types`,
      time: now(),
    });
  }
}

async function exportImage(
  output: ImageOutput,
  images: readonly SolvedImage[],
  parts: ExportParts,
  signal: AbortSignal,
): Promise<ExportedImage> {
  const { state, request, epoch, attestor } = parts;
  const options = output.options ?? {};
  warn(options, parts);
  const names = [...new Set([...request.tags, ...('names' in output ? output.names : [])])];
  const attest = imageAttestation({ attestor, names, options, epoch, store: state.store, signal });
  const isIndex = isMultiPlatform(request) || attest !== undefined;
  const push = output.type === 'image' ? output.push : undefined;
  const remote = push !== undefined && output.type === 'image' && output.store === false && !output.unpack;
  await using pending = storeImage({ images, options, epoch, isIndex, attest, remote }, state, signal);
  if (output.type === 'image') {
    const pushed = push && sendToRegistries(pending, push, parts, signal);
    // Told of below, after what is kept here is kept.
    pushed?.catch(() => {});
    const image = await pending.image;
    if (output.store !== false) for (const tag of request.tags) await state.images.tag(tag, image.descriptor);
    if (output.store !== false && request.tags.length === 0) await state.images.keep(image.descriptor);
    if (output.canonicalNames || output.danglingPrefix) await tagByDigest(output, image, parts);
    if (output.unpack)
      for (const { layers } of images) await (await state.snapshotter()).view(layers, signal);
    await pushed;
    return image;
  }
  const layout: LayoutOptions = {
    store: state.store,
    names,
    docker: output.type === 'docker',
    mtime: options.epoch ?? epoch ?? 0,
  };
  if (output.tar === false) await writeOciFolder(pending, resolve(request.cwd, output.dest), layout);
  else await stream(output, ociTar(pending, layout), parts, signal);
  return await pending.image;
}

/** `name@digest`, for each repository among the names and for a prefix that stands in for one. */
async function tagByDigest(
  { push = {}, canonicalNames, danglingPrefix }: OutputSpec & { type: 'image' },
  { descriptor }: ExportedImage,
  { state, request }: ExportParts,
): Promise<void> {
  const names = canonicalNames ? pushTargets(push, request.tags).map(({ name }) => name) : [];
  if (danglingPrefix) names.push(danglingPrefix);
  for (const name of names) await state.images.tag(`${name}@${descriptor.digest}`, descriptor);
}

async function sendToRegistries(
  pending: PendingImage,
  push: PushOptions,
  { state, request, onEvent, now }: ExportParts,
  signal: AbortSignal,
): Promise<void> {
  const { pushImage } = await import('./push-image.ts');
  const to = { targets: pushTargets(push, request.tags), insecure: push.insecure ?? false };
  await pushImage(pending, to, { state, onEvent, now }, signal);
}

function stream(
  output: OutputSpec & { dest: string },
  source: AsyncIterable<Uint8Array>,
  { request, onEvent, now }: ExportParts,
  signal: AbortSignal,
): Promise<void> {
  const { dest } = output;
  const item = dest === '-' ? 'writing to standard output' : `writing ${dest}`;
  return writeOutput(withExportProgress(source, item, { id: vertexID(output), onEvent, now }), {
    dest: dest === '-' ? dest : resolve(request.cwd, dest),
    stdout: request.stdout,
    signal,
  });
}

interface PlatformFiles {
  tree: Tree;
  /** Empty: the files stand at the top. */
  folder: string;
  platform: Platform;
}

async function exportFiles(
  output: FileOutput,
  images: readonly SolvedImage[],
  parts: ExportParts,
  signal: AbortSignal,
): Promise<void> {
  const { state, request } = parts;
  const split = output.options?.platformSplit ?? isMultiPlatform(request);
  const epoch = output.options?.epoch ?? parts.epoch;
  const all: PlatformFiles[] = [];
  for (const image of images) {
    const { tree } = await (await state.snapshotter()).view(image.layers, signal);
    const { platform } = image;
    all.push({ tree, platform, folder: split ? formatPlatform(platform).replaceAll('/', '_') : '' });
  }
  const prefix = output.options?.attestationPrefix ?? '';
  const { attestor } = parts;
  const attested = attestor ? await attestFiles(all, { attestor, prefix, epoch, signal }) : [];
  for (const { path, content } of attested)
    state.secrets?.of(request).check(content, `the attestation ${path}`);
  const time = epoch ?? Math.floor(parts.now() / 1000);
  if (output.type === 'tar') {
    const entries = [entriesOf(all, epoch, signal), attestationEntries(attested, time)];
    await stream(output, packLayer(chain(entries), { signal }), parts, signal);
    return;
  }
  const dest = resolve(request.cwd, output.dest);
  if (!split && all.length > 1) checkDistinct(all);
  if (output.clean)
    await removeOthers(
      dest,
      [
        ...all.flatMap(({ tree, folder }) => [...writtenPaths(tree, dest, folder)]),
        ...attested.map((file) => join(dest, file.path)),
      ],
      signal,
    );
  for (const { tree, folder } of all) await writeFiles(tree, dest, { folder, epoch, signal });
  await writeAttestations(attested, dest, time);
}

function* chain<T>(all: readonly Iterable<T>[]): Generator<T, void> {
  for (const one of all) yield* one;
}

function* entriesOf(
  all: readonly PlatformFiles[],
  epoch: number | undefined,
  signal: AbortSignal,
): Generator<LayerEntry, void> {
  for (const { tree, folder } of all) yield* treeEntries(tree, signal, { folder, epoch });
}

/** Platforms in one folder may share directories, and nothing else. */
function checkDistinct(all: readonly PlatformFiles[]): void {
  const seen = new Set<string>();
  for (const { tree } of all) {
    for (const path of writtenPaths(tree, '', '')) {
      if (path === '' || tree.lstat(path)?.type === 'dir') continue;
      if (seen.has(path)) {
        throw new SlipwayError('ERR_EXPORT', `${path} is in several platforms`, {
          hint: 'leave out platform-split=false, so that each platform gets a folder of its own',
        });
      }
      seen.add(path);
    }
  }
}
