// What can be known to fail of the outputs before the first step runs.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { BuildRequest, ImageOptions, OutputSpec } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { checkAnnotations } from '../export/annotations.ts';
import { parseReference } from '../oci/reference.ts';
import { isMultiPlatform } from './multi-platform.ts';
import { thisPlatform } from './plan-build.ts';
import { pushedOutputs, pushTargets } from './push-targets.ts';

/** @throws ERR_USAGE, ERR_UNSUPPORTED, ERR_BAD_REFERENCE */
export function checkOutputs(request: BuildRequest): void {
  isMultiPlatform(request);
  for (const { push } of pushedOutputs(request)) pushTargets(push, request.tags);
  if (request.offline && pushedOutputs(request).length > 0) {
    throw new SlipwayError('ERR_OFFLINE', 'an image is to be pushed, and no network to be used', {
      hint: 'leave out --push or --offline',
    });
  }
  for (const output of request.outputs) {
    if (output.type === 'image' && output.danglingPrefix) parseReference(output.danglingPrefix);
    if (output.type === 'image' && output.canonicalNames) pushTargets(output.push ?? {}, request.tags);
    if ('names' in output) for (const name of output.names) parseReference(name);
    if (output.type === 'image' || output.type === 'oci' || output.type === 'docker')
      checkImageOptions(output.options ?? {}, request);
    checkPlatforms(output, request);
    if (output.type === 'local' && output.clean) checkClean(output.dest, request);
  }
}

function checkImageOptions(options: ImageOptions, request: BuildRequest): void {
  const { compression = 'gzip', compressionLevel: level } = options;
  const highest = compression === 'zstd' ? 22 : 9;
  if (level !== undefined && !(Number.isInteger(level) && level >= 0 && level <= highest)) {
    throw new SlipwayError('ERR_USAGE', `there is no compression level ${level} of ${compression}`, {
      hint: `compression-level is a number from 0 to ${highest}`,
    });
  }
  if (compression === 'estargz' && options.ociMediaTypes === false) {
    throw new SlipwayError(
      'ERR_USAGE',
      "compression=estargz needs annotations, which Docker's media types lack",
      { hint: 'leave out oci-mediatypes=false, or use compression=gzip' },
    );
  }
  const platforms = request.platforms.length > 0 ? request.platforms : [thisPlatform()];
  checkAnnotations(options.annotations, platforms, isMultiPlatform(request) || isAttested(options, request));
}

/** Then the image is an index. */
function isAttested(options: ImageOptions, { attestations = {} }: BuildRequest): boolean {
  const { provenance, sbom } = attestations;
  const inline = options.inlineAttestations !== false;
  return sbom === true || (provenance !== undefined && (inline || !provenance.inlineOnly));
}

function checkPlatforms(output: OutputSpec, request: BuildRequest): void {
  if (request.platforms.length < 2) return;
  if (output.type === 'docker') {
    throw new SlipwayError('ERR_UNSUPPORTED', 'type=docker holds one platform', {
      hint: 'use type=oci, or one --platform',
    });
  }
  if (output.type === 'tar' && output.options?.platformSplit === false) {
    throw new SlipwayError('ERR_USAGE', 'a tar of several platforms has a folder for each', {
      hint: 'leave out platform-split=false, or build one --platform',
    });
  }
}

/** Deleting needs a folder that is surely meant for results: below the current one, and away from what is built. */
function checkClean(dest: string, request: BuildRequest): void {
  const target = realPath(resolve(request.cwd, dest));
  const isWithin = (path: string, folder: string): boolean => path.startsWith(folder.replace(/\/*$/, sep));
  if (!isWithin(target, realPath(request.cwd))) {
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `mode=delete empties only folders below the current one, and ${target} is not`,
      { hint: 'change to the folder above it first, or empty it yourself and leave out mode=delete' },
    );
  }
  const sources = [request.context, request.dockerfile ?? '-'].filter((path) => path !== '-');
  for (const source of sources.map((path) => realPath(resolve(request.cwd, path)))) {
    if (source !== target && !isWithin(source, target)) continue;
    throw new SlipwayError('ERR_UNSUPPORTED', `mode=delete would delete ${source}, which is built from`, {
      hint: 'give dest= a folder of its own',
    });
  }
}

/** Of what may not be there yet: the part that is there without links. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
