// Puts attestations where an output has a place for them: in the index beside the image, or in files beside the files.
import { attestationManifest } from '../attest/attestation-manifest.ts';
import { imagePurl } from '../attest/purl.ts';
import { digestSet, makeStatement, type Subject } from '../attest/statement.ts';
import type { ImageOptions } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import type { ExportedManifest } from '../export/image.ts';
import { type MediaTypes, mediaTypes } from '../export/media-types.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import type { ContentStore, Tree } from '../seams.ts';
import { walkTree } from '../tree/walk.ts';
import type { Attestor } from './attest.ts';

export interface ImageAttestation {
  attestor: Attestor;
  names: readonly string[];
  options: ImageOptions;
  epoch: number | undefined;
  store: ContentStore;
  signal: AbortSignal;
}

/** One attestation manifest for each image manifest, in order; its blobs are stored. */
export async function attestImages(
  manifests: readonly ExportedManifest[],
  types: MediaTypes,
  { attestor, names, options, epoch, store, signal }: ImageAttestation,
): Promise<ExportedManifest[]> {
  // An artifact has no spelling of Docker's.
  const own = options.ociArtifact ? mediaTypes(true) : types;
  const attestations: ExportedManifest[] = [];
  for (const [index, { descriptor, layers }] of manifests.entries()) {
    const inline = options.inlineAttestations !== false;
    const claims = await attestor.claims({ index, epoch, inline, layers }, signal);
    if (claims.length === 0) continue;
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
  /** The folder of the platform; '' is the top. */
  folder: string;
  name: string;
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
      const isTaken =
        (isShared ? platforms : [{ tree }]).some((one) => one.tree.lstat(`/${name}`)) ||
        files.some((other) => other.folder === folder && other.name === name);
      if (isTaken) {
        throw new SlipwayError('ERR_EXPORT', `an attestation can't be written: there is a file ${name}`, {
          hint: 'give the attestations other names with attestation-prefix=PREFIX',
        });
      }
      const content = Buffer.from(`${JSON.stringify(makeStatement(claim, subject), undefined, 2)}\n`);
      files.push({ folder, name, content });
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

function fileSubjects(tree: Tree, signal: AbortSignal): Subject[] {
  const subjects: Subject[] = [];
  for (const { path, entry } of walkTree(tree, '/')) {
    signal.throwIfAborted();
    if (entry.type === 'file')
      subjects.push({ name: path.slice(1), digest: digestSet(tree.contentDigest(path)) });
  }
  return subjects;
}
