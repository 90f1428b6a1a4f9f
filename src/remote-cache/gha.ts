// A shared cache in GitHub Actions. Its entries can't be changed, are found by the beginning of their key, the newest first, and are
// evicted when nobody reads them: each export is a new index, with its blobs in a pack or a few, and what is gone is a miss.
import { createHash } from 'node:crypto';
import type { CachePlace } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { isIndex, manifestLimit, parseManifest } from '../oci/manifest.ts';
import type { CacheRemote, OutgoingBlob } from '../seams.ts';
import { type BlobPlace, decodeGhaIndex, encodeGhaIndex, type GhaIndex } from './gha-index.ts';
import { createGhaPacks, type GhaConnection } from './gha-packs.ts';
import { ghaPlace } from './gha-place.ts';
import { type CacheHttp, createGhaService } from './gha-service.ts';
import { putBlob, readRange, readSmallBlob } from './gha-storage.ts';
import { streamWithinTime, withinTime } from './within-time.ts';

export interface GhaCacheParts {
  env: Record<string, string | undefined>;
  http(): Promise<CacheHttp>;
}

export type GhaCacheOptions = Omit<Extract<CachePlace, { type: 'gha' }>, 'type'>;

/** Changes with the form of the index: a version of the program does not find what another one can't read. */
const form = 'slipway 1';
/** Bytes: the index with its documents. */
const indexLimit = 96 << 20;
const defaultTimeout = 600_000;
/** For another export that reserved the next index: it takes a second, or died. Their waits add up to a quarter of a minute. */
const mostLooks = 6;
const mostIndexes = 4;

interface FoundIndex {
  key: string;
  /** Undefined where the entry is no index. */
  index: GhaIndex | undefined;
  document: GhaIndex['document'];
}

/** @throws ERR_UNAUTHORIZED and ERR_UNSUPPORTED from its methods, outside of GitHub Actions */
export function createGhaCache(options: GhaCacheOptions, parts: GhaCacheParts): CacheRemote {
  const { scope, timeout = defaultTimeout } = options;
  const name = `gha:${scope}`;
  const indexPrefix = `slipway-index-${scope}-`;
  const packPrefix = `slipway-pack-${scope}-`;
  const packs = createGhaPacks(connect, packPrefix);
  let connection: Promise<GhaConnection> | undefined;
  let found: Promise<FoundIndex | undefined> | undefined;
  /** Whether blobs were sent by this remote, or there. */
  const sent = new Map<Digest, Promise<boolean>>();
  const documents = new Map<Digest, Buffer>();
  const { places } = packs;
  /** Addresses of packs; undefined where one is gone. */
  const addresses = new Map<string, Promise<URL | undefined>>();

  function connect(): Promise<GhaConnection> {
    connection ??= (async () => {
      const { url, token } = ghaPlace(options, parts.env);
      const http = await parts.http();
      // Entries of another scope are not found, whatever their keys begin with.
      const version = createHash('sha256').update(`${form} ${scope}`).digest('hex');
      return { http, service: createGhaService({ url, token, version, http }) };
    })();
    return connection;
  }

  /** All that is done with the service, as what it means to whoever asked. */
  function within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withinTime({ ms: timeout, what: name, signal }, work);
  }

  async function look(signal: AbortSignal): Promise<FoundIndex | undefined> {
    const known = await found?.catch(() => undefined);
    const { service, http } = await connect();
    const entry = await service.find(indexPrefix, signal);
    if (!entry) return undefined;
    // Entries do not change.
    if (entry.key === known?.key) return known;
    const bytes = await readSmallBlob({ url: entry.url, http }, indexLimit, signal);
    if (!bytes) return undefined;
    const index = decodeGhaIndex(bytes);
    // What is no index stands for itself, so that readers refuse it, and an export replaces it.
    const junk = { bytes: bytes.subarray(0, manifestLimit), mediaType: '', digest: digestOf(bytes) };
    return { key: entry.key, index, document: index?.document ?? junk };
  }

  function newest(signal: AbortSignal): Promise<FoundIndex | undefined> {
    const looked = look(signal);
    looked.catch(() => undefined);
    found = looked;
    return looked;
  }

  function current(signal: AbortSignal): Promise<FoundIndex | undefined> {
    return found ?? newest(signal);
  }

  async function addressOf(pack: string, again: boolean, signal: AbortSignal): Promise<URL | undefined> {
    const known = again ? undefined : addresses.get(pack);
    if (known) return known;
    const asked = connect()
      .then(({ service }) => service.find(pack, signal))
      .then((entry) => (entry?.key === pack ? entry.url : undefined));
    addresses.set(pack, asked);
    asked.catch(() => addresses.delete(pack));
    return asked;
  }

  async function placeOfBlob(digest: Digest, signal: AbortSignal): Promise<BlobPlace | undefined> {
    return places.get(digest) ?? (await current(signal))?.index?.places.get(digest);
  }

  async function isThere(digest: Digest, signal: AbortSignal): Promise<boolean> {
    if (documents.has(digest) || (await current(signal))?.index?.inline.has(digest)) return true;
    const place = await placeOfBlob(digest, signal);
    return place !== undefined && (await addressOf(place.pack, false, signal)) !== undefined;
  }

  /** What the document leads to, as far as it is known where that is. */
  function indexOf(document: GhaIndex['document'], known: GhaIndex | undefined): GhaIndex {
    const parsed = parseManifest(document.bytes, document.mediaType);
    const named = isIndex(parsed) ? parsed.manifests : [parsed.config, ...parsed.layers];
    const index: GhaIndex = { document, inline: new Map(), places: new Map() };
    for (const { digest } of named) {
      const bytes = documents.get(digest) ?? known?.inline.get(digest);
      const place = places.get(digest) ?? known?.places.get(digest);
      if (bytes) index.inline.set(digest, bytes);
      else if (place) index.places.set(digest, place);
    }
    return index;
  }

  /** False where another index has come meanwhile. */
  async function putIndex(
    index: GhaIndex,
    base: FoundIndex | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { service, http } = await connect();
    const bytes = encodeGhaIndex(index);
    const number = Number(/-(\d{1,15})$/.exec(base?.key ?? '')?.[1] ?? 0);
    for (let next = 1; next <= mostIndexes; next++) {
      const key = `${indexPrefix}${number + next}`;
      const url = await service.reserve(key, signal);
      if (url) {
        await putBlob({ url, http }, bytes, signal);
        await service.finish(key, bytes.length, signal);
        found = Promise.resolve({ key, index, document: index.document });
        return true;
      }
      for (let looks = 0; looks < mostLooks; looks++) {
        if ((await newest(signal))?.key !== base?.key) return false;
        await http.retry.sleep(250 * 2 ** looks, signal);
      }
    }
    throw new SlipwayError('ERR_REGISTRY', 'other exports have begun, and none of them comes to its end', {
      hint: 'the token may only read the cache: some events get such ones',
    });
  }

  return {
    name,
    read: (signal) => within(signal, async (either) => (await newest(either))?.document),
    // It has no images.
    readByDigest: async () => undefined,
    has: ({ digest }, signal) => within(signal, (either) => isThere(digest, either)),
    async *open({ digest }, signal) {
      const index = (await within(signal, current))?.index;
      const whole = documents.get(digest) ?? index?.inline.get(digest);
      if (whole) {
        yield whole;
        return;
      }
      const place = places.get(digest) ?? index?.places.get(digest);
      const gone = (): SlipwayError =>
        new SlipwayError('ERR_BLOB_NOT_FOUND', `${digest} is not in ${name}`, {
          hint: 'GitHub evicts what nobody reads for a week, and what is more than 10 GB',
        });
      if (!place) throw gone();
      const { http } = await connect();
      const address = async (again: boolean, either: AbortSignal): Promise<URL> => {
        const url = await addressOf(place.pack, again, either);
        if (!url) throw gone();
        return url;
      };
      yield* streamWithinTime({ ms: timeout, what: name, signal }, (either) =>
        readRange({ ...place, http, address: (again) => address(again, either) }, either),
      );
    },
    async write(blob, signal) {
      const { digest, mediaType } = blob.descriptor;
      const known = sent.get(digest);
      if (known) {
        await known;
        return 'present';
      }
      const sending = within(signal, async (either) => {
        if (await isThere(digest, either)) return false;
        await (mediaType.endsWith('+json') ? keep(blob, either) : packs.add(blob, either));
        return true;
      });
      sent.set(digest, sending);
      try {
        return (await sending) ? 'uploaded' : 'present';
      } catch (error) {
        sent.delete(digest);
        throw error;
      }
    },
    commit: (document, base, signal) =>
      within(signal, async (either) => {
        await packs.seal(either);
        const now = await newest(either);
        if (now?.document.digest !== base) return false;
        const described = { ...document, digest: digestOf(document.bytes) };
        return putIndex(indexOf(described, now?.index), now, either);
      }),
  };

  /** Documents go into the index itself. */
  async function keep({ descriptor, open: read }: OutgoingBlob, signal: AbortSignal): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of read(signal)) chunks.push(Uint8Array.from(chunk));
    const bytes = Buffer.concat(chunks);
    if (digestOf(bytes) !== descriptor.digest)
      throw new SlipwayError(
        'ERR_DIGEST_MISMATCH',
        `what should be ${descriptor.digest} is another document`,
      );
    documents.set(descriptor.digest, bytes);
  }
}
