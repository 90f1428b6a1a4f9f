// A pack: many blobs as one entry of the cache of GitHub Actions, which limits requests and not their size. Its blocks are sent
// while the build goes on; what lies in it is there once it is sealed.
import { randomBytes } from 'node:crypto';
import { invariant, SlipwayError } from '../errors.ts';
import { type Digest, finishDigest, newHash } from '../oci/digest.ts';
import type { OutgoingBlob } from '../seams.ts';
import type { BlobPlace } from './gha-index.ts';
import type { CacheHttp, GhaService } from './gha-service.ts';
import { putBlob, putBlock, putBlockList } from './gha-storage.ts';
import { partSizeFor, partsOf } from './parts.ts';
import type { Turns } from './turns.ts';

export interface GhaPackParts {
  service: GhaService;
  http: CacheHttp;
  /** Stands before the pack's own name. */
  prefix: string;
  /** Bounds what is held in memory. */
  inTurn: Turns;
}

export interface GhaPack {
  /** Those that are in it, whole. */
  readonly blobs: readonly OutgoingBlob[];
  /** Bytes that are in it or on their way. */
  readonly size: number;
  /** Adds a blob. @throws ERR_DIGEST_MISMATCH, ExpiredAddress and what opening the blob throws */
  add(blob: OutgoingBlob, signal: AbortSignal): Promise<void>;
  /** After all were added: where they are. @throws ExpiredAddress */
  seal(signal: AbortSignal): Promise<Map<Digest, BlobPlace>>;
}

/** Bytes in a row, one blob or several small ones. */
interface Section {
  blocks: string[];
  blobs: { digest: Digest; size: number }[];
  size: number;
}

/** Bytes: smaller blobs share a block. */
const smallBlob = 1 << 20;
const fullBlock = 8 << 20;
/** Blocks of one blob that are sent at once. */
const parallelism = 4;
/** Names that somebody else has. */
const mostNames = 3;

export function createGhaPack({ service, http, prefix, inTurn }: GhaPackParts): GhaPack {
  const sections: Section[] = [];
  const blobs: OutgoingBlob[] = [];
  let entry: Promise<{ key: string; url: URL }> | undefined;
  let blocks = 0;
  let size = 0;
  /** Small blobs that are not sent yet. */
  let waiting: Buffer[] = [];
  let waitingSection = newSection();
  /** Why blobs that were added are lost. */
  let broken: { error: unknown } | undefined;

  async function reserve(signal: AbortSignal): Promise<{ key: string; url: URL }> {
    for (let tries = 0; tries < mostNames; tries++) {
      const key = `${prefix}${randomBytes(10).toString('hex')}`;
      const url = await service.reserve(key, signal);
      if (url) return { key, url };
    }
    throw new SlipwayError('ERR_REGISTRY', 'the cache service of GitHub Actions reserves no entry', {
      hint: 'the token may only read the cache: some events get such ones',
    });
  }

  async function opened(signal: AbortSignal): Promise<{ key: string; url: URL }> {
    entry ??= reserve(signal);
    return entry;
  }

  async function send(bytes: Buffer, signal: AbortSignal): Promise<string> {
    const { url } = await opened(signal);
    const id = Buffer.from(String(blocks++).padStart(9, '0')).toString('base64');
    await putBlock({ url, http }, { id, bytes }, signal);
    return id;
  }

  async function sendWaiting(signal: AbortSignal): Promise<void> {
    const bytes = Buffer.concat(waiting);
    const section = waitingSection;
    waiting = [];
    waitingSection = newSection();
    try {
      section.blocks.push(await send(bytes, signal));
    } catch (error) {
      broken ??= { error };
      throw error;
    }
    sections.push(section);
  }

  async function addSmall(blob: OutgoingBlob, signal: AbortSignal): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of hashed(blob, signal)) chunks.push(Uint8Array.from(chunk));
    const { digest, size: length } = blob.descriptor;
    waiting.push(...chunks.map((chunk) => Buffer.from(chunk.buffer)));
    waitingSection.blobs.push({ digest, size: length });
    waitingSection.size += length;
    if (waitingSection.size >= fullBlock) await sendWaiting(signal);
  }

  async function addLarge(blob: OutgoingBlob, signal: AbortSignal): Promise<void> {
    const { digest, size: length } = blob.descriptor;
    const section: Section = { blocks: [], blobs: [{ digest, size: length }], size: length };
    const parts = partsOf(hashed(blob, signal), Math.max(fullBlock, partSizeFor(length)));
    let next = 0;
    /** False where no part is left. */
    const sendNext = async (): Promise<boolean> => {
      // A generator answers those who ask in turn.
      const { value } = await parts.next();
      if (!value) return false;
      const at = next++;
      section.blocks[at] = await send(value, signal);
      return true;
    };
    const sendAll = async (): Promise<void> => {
      while (await inTurn(sendNext));
    };
    await Promise.all(Array.from({ length: parallelism }, sendAll));
    sections.push(section);
  }

  return {
    blobs,
    get size() {
      return size;
    },
    async add(blob, signal) {
      const { size: length } = blob.descriptor;
      size += length;
      if (length <= smallBlob) await inTurn(() => addSmall(blob, signal));
      else await addLarge(blob, signal);
      blobs.push(blob);
    },
    async seal(signal) {
      if (broken) throw broken.error;
      if (blobs.length === 0) return new Map();
      const { key, url } = await opened(signal);
      const upload = { url, http };
      // What fits into one request is one.
      if (sections.length === 0) {
        await putBlob(upload, Buffer.concat(waiting), signal);
        sections.push(waitingSection);
      } else {
        if (waiting.length > 0) await sendWaiting(signal);
        const ids = sections.flatMap((section) => section.blocks);
        await putBlockList(upload, ids, signal);
      }
      const places = placesIn(key, sections);
      await service.finish(
        key,
        sections.reduce((sum, section) => sum + section.size, 0),
        signal,
      );
      return places;
    },
  };
}

const newSection = (): Section => ({ blocks: [], blobs: [], size: 0 });

/** The blob's bytes; the stream ends with ERR_DIGEST_MISMATCH where they are others. */
async function* hashed({ descriptor, open }: OutgoingBlob, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const hash = newHash();
  let size = 0;
  for await (const chunk of open(signal)) {
    signal.throwIfAborted();
    hash.update(chunk);
    size += chunk.length;
    if (size > descriptor.size) break;
    yield chunk;
  }
  const actual = finishDigest(hash);
  if (size === descriptor.size && actual === descriptor.digest) return;
  throw new SlipwayError('ERR_DIGEST_MISMATCH', `what should be ${descriptor.digest} is ${actual}`);
}

function placesIn(pack: string, sections: readonly Section[]): Map<Digest, BlobPlace> {
  const places = new Map<Digest, BlobPlace>();
  let at = 0;
  for (const section of sections) {
    const end = at + section.size;
    for (const { digest, size } of section.blobs) {
      places.set(digest, { pack, offset: at, size });
      at += size;
    }
    invariant(at === end, 'a section of a pack is as long as its blobs');
  }
  return places;
}
