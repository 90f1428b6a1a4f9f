// What names, resolved references and downloads lead to: documents that are whole, layers that are here or known to be elsewhere.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { StorePart } from '../../image-request.ts';
import { parseConfig } from '../../oci/config.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type DiffID, type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import { isIndex, manifestLimit, parseManifest } from '../../oci/manifest.ts';
import { filesIn } from '../disk-files.ts';
import type { SoundBlobs } from './check-blobs.ts';
import type { CheckedFiles } from './check-records.ts';
import type { CheckParts } from './check-store.ts';

/** An image's layer, in either of its names. */
interface LayerName {
  blob: Digest;
  diffID: DiffID | undefined;
}

/** What a document leads to. `problem`: why it can't be used; `missing`: layers that are in no form here. */
interface Reached {
  problem: string | undefined;
  layers: LayerName[];
}

const deepest = 8;

export interface DocumentParts extends CheckParts {
  blobs: SoundBlobs;
  files: CheckedFiles;
}

export async function checkDocuments(parts: DocumentParts): Promise<void> {
  const { files, findings } = parts;
  const elsewhere = new Set<string>();
  for (const { path, value } of files.bases) {
    const descriptor = value['descriptor'] as Descriptor;
    const { problem, layers } = await reach(descriptor, parts);
    for (const { blob } of layers) elsewhere.add(hexOf(blob));
    findings.count('bases');
    if (problem === undefined) continue;
    await findings.found({
      ...{ part: 'bases', kind: 'damage', path, what: `(${String(value['key'])}) ${problem}` },
      remedy: 'it is forgotten, and its registry is asked again',
      mend: () => rmSync(path, { force: true }),
    });
  }
  for (const { path, value } of files.images) await checkImage({ path, value }, elsewhere, parts);
  await checkDownloads(parts);
}

async function checkImage(
  { path, value }: CheckedFiles['images'][number],
  elsewhere: ReadonlySet<string>,
  parts: DocumentParts,
): Promise<void> {
  const { findings } = parts;
  const name = value['name'] === '' ? 'an image without a name' : String(value['name']);
  const { problem, layers } = await reach(value['descriptor'] as Descriptor, parts);
  const absent = layers.filter((layer) => !isHere(layer, parts));
  const lost = absent.find(({ blob }) => !elsewhere.has(hexOf(blob)));
  findings.count('images', { absent: absent.length });
  const about = { part: 'images' satisfies StorePart as 'images', kind: 'damage' as const, path };
  if (problem !== undefined) {
    await findings.found({
      ...{ ...about, what: `(${name}) ${problem}` },
      remedy: 'the name is removed: build or pull it again',
      mend: () => rmSync(path, { force: true }),
    });
  } else if (lost) {
    await findings.found({
      ...{ ...about, what: `(${name}) lacks the layer ${lost.blob}` },
      remedy: 'build or pull it again',
    });
  }
}

/** As it is, uncompressed, or in another compressed form. */
function isHere({ blob, diffID }: LayerName, { blobs, files }: DocumentParts): boolean {
  if (blobs.has(hexOf(blob))) return true;
  if (diffID === undefined) return false;
  const forms = files.forms.get(hexOf(diffID)) ?? [];
  return [hexOf(diffID), ...forms].some((hex) => blobs.has(hex));
}

/** @returns the layers of all that could be read. */
async function reach(descriptor: Descriptor, parts: DocumentParts, depth = 0): Promise<Reached> {
  const layers: LayerName[] = [];
  const read = await readDocument(descriptor, parts);
  if (typeof read === 'string') return { problem: read, layers };
  try {
    const document = parseManifest(read, descriptor.mediaType);
    if (isIndex(document)) {
      if (depth >= deepest) return { problem: 'is an index of indexes without end', layers };
      let problem: string | undefined;
      for (const entry of document.manifests) {
        // Platforms that were not wanted are not fetched.
        if (!parts.blobs.has(hexOf(entry.digest))) continue;
        const below = await reach(entry, parts, depth + 1);
        layers.push(...below.layers);
        problem ??= below.problem;
      }
      return { problem, layers };
    }
    const config = await readDocument(document.config, parts);
    if (typeof config === 'string') return { problem: config, layers };
    const diffIDs = diffIDsOf(config);
    for (const [index, { digest }] of document.layers.entries())
      layers.push({ blob: digest, diffID: diffIDs[index] });
    return { problem: undefined, layers };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { problem: `leads to ${descriptor.digest}, which can't be read: ${error.message}`, layers };
  }
}

/** Of what is no image's config: none. */
function diffIDsOf(bytes: Buffer): DiffID[] {
  try {
    return parseConfig(bytes).rootfs.diff_ids;
  } catch {
    return [];
  }
}

/** Its bytes, or why there are none. */
async function readDocument(
  { digest, size }: Descriptor,
  { store, blobs, signal }: DocumentParts,
): Promise<Buffer | string> {
  signal.throwIfAborted();
  if (!isDigest(digest)) return 'leads to nothing that has a digest';
  const there = blobs.get(hexOf(digest));
  if (there === undefined) return `lacks ${digest}`;
  if (there !== size) return `leads to ${digest}, which has ${there} bytes and should have ${size}`;
  if (there > manifestLimit) return `leads to ${digest}, which is too large for a document`;
  try {
    return await store.store.read(digest);
  } catch (error) {
    if (error instanceof SlipwayError) return `leads to ${digest}: ${error.message}`;
    throw error;
  }
}

/** Files from URLs. */
async function checkDownloads({ root, blobs, findings, signal }: DocumentParts): Promise<void> {
  const { createHttpIndex } = await import('../../source/http-index.ts');
  const folder = join(root, 'http-v1');
  const { read } = createHttpIndex(folder, join(root, 'tmp'));
  for (const { path, name } of filesIn(folder)) {
    signal.throwIfAborted();
    findings.count('downloads');
    const memory = read(name);
    const what = !memory
      ? 'is not as it was written'
      : !blobs.has(hexOf(memory.digest))
        ? `lacks ${memory.digest}`
        : undefined;
    if (what === undefined) continue;
    await findings.found({
      ...{ part: 'downloads', kind: 'damage', path, what },
      remedy: 'it is forgotten, and its URL is asked again',
      mend: () => rmSync(path, { recursive: true, force: true }),
    });
  }
}
