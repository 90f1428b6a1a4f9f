// Puts attestations where an output has a place for them: in the index beside the image, or in files beside the files.
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { attestationManifest } from '../attest/attestation-manifest.ts';
import { imagePurl } from '../attest/purl.ts';
import { digestSet, makeStatement, type Subject } from '../attest/statement.ts';
import type { ImageOptions } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { exportError } from '../export/export-error.ts';
import type { ExportedManifest } from '../export/image.ts';
import { type MediaTypes, mediaTypes } from '../export/media-types.ts';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import type { ContentStore, LayerEntry, Tree } from '../seams.ts';
import { walkTree } from '../tree/walk.ts';
import type { Attestor } from './attest.ts';

export interface ImageAttestation {
  attestor: Attestor | undefined;
  names: readonly string[];
  options: ImageOptions;
  epoch: number | undefined;
  store: ContentStore;
  signal: AbortSignal;
}

/** What adds one attestation manifest for each image manifest, in order; undefined where nothing is to be said. */
export function imageAttestation({
  attestor,
  ...parts
}: ImageAttestation):
  | ((manifests: ExportedManifest[], types: MediaTypes) => Promise<ExportedManifest[]>)
  | undefined {
  if (!attestor?.speaks(parts.options.inlineAttestations !== false)) return undefined;
  return (manifests, types) => attestImages(manifests, types, { attestor, ...parts });
}

async function attestImages(
  manifests: readonly ExportedManifest[],
  types: MediaTypes,
  { attestor, names, options, epoch, store, signal }: ImageAttestation & { attestor: Attestor },
): Promise<ExportedManifest[]> {
  // An artifact has no spelling of Docker's.
  const own = options.ociArtifact ? mediaTypes(true) : types;
  const attestations: ExportedManifest[] = [];
  for (const [index, { descriptor, layers }] of manifests.entries()) {
    const inline = options.inlineAttestations !== false;
    const time = options.epoch ?? epoch;
    const claims = await attestor.claims({ index, epoch: time, inline, layers }, signal);
    const subject = subjectsOf(names, descriptor.platform!, descriptor);
    const made = attestationManifest(
      claims.map(({ claim }) => makeStatement(claim, subject)),
      {
        image: descriptor,
        manifestType: own.manifest,
        configType: own.config,
        artifact: options.ociArtifact ?? false,
      },
    );
    for (const { bytes, descriptor: blob } of made.documents) await store.ingest([bytes], blob, signal);
    attestations.push({ descriptor: made.descriptor, config: made.config, layers: made.layers });
  }
  return attestations;
}

/** Every name of the image as a package URL. */
function subjectsOf(
  names: readonly string[],
  platform: Platform,
  { digest }: ExportedManifest['descriptor'],
): Subject[] {
  const purls = [...new Set(names.map((name) => imagePurl(name, platform)))];
  return (purls.length > 0 ? purls : ['_']).map((name) => ({ name, digest: digestSet(digest) }));
}

export interface AttestationFile {
  /** Below the output's folder, in the folder of the platform where there are such. */
  path: string;
  content: Buffer;
}

export interface FileAttestation {
  attestor: Attestor;
  prefix: string;
  epoch: number | undefined;
  signal: AbortSignal;
}

export interface AttestedFiles {
  tree: Tree;
  folder: string;
  platform: Platform;
}

/**
 * A file for each attestation of each platform, named for it where several platforms share a folder. It speaks of every file.
 * @throws ERR_EXPORT where the image has a file of that name
 */
export async function attestFiles(
  platforms: readonly AttestedFiles[],
  { attestor, prefix, epoch, signal }: FileAttestation,
): Promise<AttestationFile[]> {
  const files: AttestationFile[] = [];
  for (const [index, { tree, folder, platform }] of platforms.entries()) {
    const claims = await attestor.claims({ index, epoch, inline: false, layers: undefined }, signal);
    const subject = claims.length > 0 ? fileSubjects(tree, signal) : [];
    const isShared = platforms.length > 1 && folder === '';
    for (const { file, claim } of claims) {
      const name = prefix + (isShared ? withPlatform(file, platform) : file);
      const path = folder === '' ? name : `${folder}/${name}`;
      const isTaken =
        (isShared ? platforms : [{ tree }]).some((one) => one.tree.lstat(`/${name}`)) ||
        files.some((other) => other.path === path);
      if (isTaken) {
        throw new SlipwayError('ERR_EXPORT', `an attestation can't be written: there is a file ${name}`, {
          hint: 'give the attestations other names with attestation-prefix=PREFIX',
        });
      }
      const content = Buffer.from(`${JSON.stringify(makeStatement(claim, subject), undefined, 2)}\n`);
      files.push({ path, content });
    }
  }
  return files;
}

/** `sbom.spdx.linux_arm64.json`, as BuildKit has it. */
function withPlatform(file: string, platform: Platform): string {
  const name = formatPlatform(platform).replaceAll('/', '_');
  const dot = file.lastIndexOf('.');
  return dot < 0 ? `${file}.${name}` : `${file.slice(0, dot)}.${name}${file.slice(dot)}`;
}

/** As a tar holds them. @param time seconds since 1970 */
export function* attestationEntries(
  files: readonly AttestationFile[],
  time: number,
): Generator<LayerEntry, void> {
  for (const { path, content } of files) {
    const owner = { uid: 0, gid: 0, major: 0, minor: 0, link: '' };
    const mtime = BigInt(time) * 1_000_000_000n;
    yield {
      kind: 'entry',
      path,
      stat: { type: 'file', mode: 0o644, size: content.length, mtime, ...owner },
      linkTarget: '',
      hardLinkTo: undefined,
      xattrs: {},
      content,
    };
  }
}

/** @throws ERR_EXPORT, ERR_DISK_FULL */
export async function writeAttestations(
  files: readonly AttestationFile[],
  dest: string,
  time: number,
): Promise<void> {
  for (const { path, content } of files) {
    const target = join(dest, path);
    try {
      // A link that stands there is replaced, not followed.
      await writeFileAtomic(target, content, { fsync: false });
      await utimes(target, time, time);
    } catch (error) {
      throw exportError(error, target);
    }
  }
}

function fileSubjects(tree: Tree, signal: AbortSignal): Subject[] {
  const subjects: Subject[] = [];
  for (const { path, entry } of walkTree(tree, '/')) {
    signal.throwIfAborted();
    if (entry.type === 'file')
      subjects.push({ name: path.slice(1), digest: digestSet(tree.contentDigest(path)) });
  }
  return subjects;
}
