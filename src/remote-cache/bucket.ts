// A shared cache in a bucket of S3, or of what speaks its protocol: a document for each name, blobs beside it.
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { CachePlace } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { type Digest, digestOf, finishDigest, newHash } from '../oci/digest.ts';
import { manifestLimit } from '../oci/manifest.ts';
import type { CacheRemote, OutgoingBlob } from '../seams.ts';
import { connectBucket, type S3Module, s3Failure } from './bucket-client.ts';
import { partSizeFor, partsOf } from './parts.ts';
import { createTurns } from './turns.ts';

type BucketPlace = Extract<CachePlace, { type: 's3' }>;

export interface BucketCacheOptions extends Omit<BucketPlace, 'type' | 'names'> {
  /** Of the document. */
  name: string;
}

interface Connection {
  client: S3Client;
  s3: S3Module;
}

/** Milliseconds: rules of a bucket let objects expire after days. */
const defaultRefresh = 24 * 3600_000;
const defaultParallelism = 4;
/** Bytes: what can be copied in one request, so that its time is new. */
const longestCopy = 5 * 1024 ** 3;

/** @param env has the login where the options have none; what it lacks, the client of S3 looks for in its own places. */
export function createBucketCache(
  options: BucketCacheOptions,
  env: Record<string, string | undefined>,
): CacheRemote {
  const { bucket, prefix = '', blobsPrefix = 'blobs/', manifestsPrefix = 'manifests/' } = options;
  const document = `${prefix}${manifestsPrefix}${options.name}`;
  const name = `s3://${bucket}/${document}`;
  const keyOf = (digest: Digest): string => `${prefix}${blobsPrefix}${digest}`;
  const { uploadParallelism = defaultParallelism } = options;
  const inTurn = createTurns(uploadParallelism);
  let connection: Promise<Connection> | undefined;

  function connect(): Promise<Connection> {
    connection ??= connectBucket(options, env);
    return connection;
  }

  /** Undefined where there is no such object. @throws ERR_NETWORK, ERR_UNAUTHORIZED, ERR_REGISTRY */
  async function ask<T>(
    what: (connection: Connection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    try {
      return await what(await connect());
    } catch (error) {
      signal.throwIfAborted();
      const failure = s3Failure(error, name);
      if (failure === undefined) return undefined;
      throw failure;
    }
  }

  const get = (key: string, signal: AbortSignal): Promise<GetObjectCommandOutput | undefined> =>
    ask(
      ({ client, s3 }) =>
        client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal }),
      signal,
    );

  /** True where it is there; one that is old is given a new time, lest it expire. */
  async function isThere(
    { digest, size }: OutgoingBlob['descriptor'],
    signal: AbortSignal,
  ): Promise<boolean> {
    const Key = keyOf(digest);
    const found = await ask(
      ({ client, s3 }) =>
        client.send(new s3.HeadObjectCommand({ Bucket: bucket, Key }), { abortSignal: signal }),
      signal,
    );
    if (!found || found.ContentLength !== size) return false;
    const age = Date.now() - (found.LastModified?.getTime() ?? 0);
    if (age < (options.touchRefresh ?? defaultRefresh) || size > longestCopy) return true;
    const copy = {
      Bucket: bucket,
      Key,
      CopySource: encodeURI(`${bucket}/${Key}`),
      MetadataDirective: 'REPLACE',
    } as const;
    await ask(
      ({ client, s3 }) => client.send(new s3.CopyObjectCommand(copy), { abortSignal: signal }),
      signal,
    );
    return true;
  }

  async function upload(blob: OutgoingBlob, signal: AbortSignal): Promise<void> {
    const { digest, size } = blob.descriptor;
    const hash = newHash();
    const Key = keyOf(digest);
    async function* hashed(): AsyncGenerator<Uint8Array> {
      for await (const chunk of blob.open(signal)) {
        hash.update(chunk);
        yield chunk;
      }
    }
    const check = (): void => {
      const actual = finishDigest(hash);
      if (actual !== digest)
        throw new SlipwayError('ERR_DIGEST_MISMATCH', `what should be ${digest} is ${actual}`);
    };
    const { client, s3 } = await connect();
    const parts = partsOf(hashed(), partSizeFor(size));
    if (size <= partSizeFor(size)) {
      return inTurn(async () => {
        const { value } = await parts.next();
        check();
        const put = { Bucket: bucket, Key, Body: value ?? Buffer.alloc(0) };
        await client.send(new s3.PutObjectCommand(put), { abortSignal: signal });
      });
    }
    await uploadParts({ client, s3 }, { Key, parts, check }, signal);
  }

  /** A multipart upload, which is given up where anything fails. */
  async function uploadParts(
    { client, s3 }: Connection,
    { Key, parts, check }: { Key: string; parts: AsyncGenerator<Buffer, void>; check: () => void },
    signal: AbortSignal,
  ): Promise<void> {
    const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket: bucket, Key }), {
      abortSignal: signal,
    });
    const place = { Bucket: bucket, Key, UploadId };
    try {
      const sent: { PartNumber: number; ETag: string | undefined }[] = [];
      let next = 1;
      /** False where no part is left. */
      const sendOne = async (): Promise<boolean> => {
        // A generator answers those who ask in turn.
        const { value, done } = await parts.next();
        if (done || !value) return false;
        const PartNumber = next++;
        const part = new s3.UploadPartCommand({ ...place, PartNumber, Body: value });
        const { ETag } = await client.send(part, { abortSignal: signal });
        sent.push({ PartNumber, ETag });
        return true;
      };
      const sendAll = async (): Promise<void> => {
        while (await inTurn(sendOne));
      };
      await Promise.all(Array.from({ length: uploadParallelism }, sendAll));
      check();
      const Parts = sent.sort((a, b) => a.PartNumber - b.PartNumber);
      const complete = { ...place, MultipartUpload: { Parts } };
      await client.send(new s3.CompleteMultipartUploadCommand(complete), { abortSignal: signal });
    } catch (error) {
      await client.send(new s3.AbortMultipartUploadCommand(place)).catch(() => undefined);
      throw error;
    }
  }

  async function read(
    signal: AbortSignal,
  ): Promise<
    { bytes: Buffer; mediaType: string; digest: Digest; entityTag: string | undefined } | undefined
  > {
    const found = await get(document, signal);
    if (!found?.Body) return undefined;
    const bytes = await readSmall(chunksOf(found, signal));
    return { bytes, mediaType: '', digest: digestOf(bytes), entityTag: found.ETag };
  }

  async function* chunksOf(
    { Body }: GetObjectCommandOutput,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* Body as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
      signal.throwIfAborted();
      throw s3Failure(error, name) ?? error;
    }
  }

  async function readSmall(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of source) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > manifestLimit)
        throw new SlipwayError(
          'ERR_BAD_IMAGE',
          `${name} has more than ${manifestLimit} bytes, and is no cache`,
        );
    }
    return Buffer.concat(chunks);
  }

  return {
    name,
    read,
    // A bucket has no images.
    readByDigest: async () => undefined,
    async *open({ digest }, signal) {
      const found = await get(keyOf(digest), signal);
      if (!found?.Body) throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${digest} is not in ${name}`);
      yield* chunksOf(found, signal);
    },
    async write(blob, signal) {
      if (await isThere(blob.descriptor, signal)) return 'present';
      try {
        await upload(blob, signal);
        return 'uploaded';
      } catch (error) {
        signal.throwIfAborted();
        throw s3Failure(error, name) ?? error;
      }
    },
    async commit({ bytes, mediaType }, base, signal) {
      const now = await read(signal);
      if (now?.digest !== base) return false;
      const put = { Bucket: bucket, Key: document, Body: bytes, ContentType: mediaType };
      const condition = now?.entityTag === undefined ? { IfNoneMatch: '*' } : { IfMatch: now.entityTag };
      const { client, s3 } = await connect();
      try {
        await client.send(new s3.PutObjectCommand({ ...put, ...condition }), { abortSignal: signal });
      } catch (error) {
        signal.throwIfAborted();
        const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
        if (status === 412 || status === 409) return false;
        // Where conditions are not known, what was read a moment ago must do.
        if (status !== 501) throw s3Failure(error, name) ?? error;
        await ask(() => client.send(new s3.PutObjectCommand(put), { abortSignal: signal }), signal);
      }
      return true;
    },
  };
}
