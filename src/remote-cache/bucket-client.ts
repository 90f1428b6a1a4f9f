// The client of S3: loaded when a bucket is first asked, and what its failures mean.
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { SlipwayError, systemCode } from '../errors.ts';
import type { BucketCacheOptions } from './bucket.ts';

/** Milliseconds without a byte after which a connection is given up. */
const patience = { connectionTimeout: 30_000, socketTimeout: 60_000 };

export type S3Module = typeof import('@aws-sdk/client-s3');

/** @throws ERR_UNSUPPORTED where the client is not installed */
export async function connectBucket(
  options: BucketCacheOptions,
  env: Record<string, string | undefined>,
): Promise<{ client: S3Client; s3: S3Module }> {
  let s3: S3Module;
  try {
    s3 = await import('@aws-sdk/client-s3');
  } catch (cause) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'caches of type=s3 need the package @aws-sdk/client-s3', {
      hint: 'install it beside slipway: npm install @aws-sdk/client-s3',
      cause,
    });
  }
  const accessKeyId = options.accessKeyID ?? env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = options.secretAccessKey ?? env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = options.accessKeyID === undefined ? env['AWS_SESSION_TOKEN'] : options.sessionToken;
  const credentials =
    accessKeyId && secretAccessKey
      ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } }
      : {};
  const client = new s3.S3Client({
    region: options.region,
    ...(options.endpointURL ? { endpoint: options.endpointURL } : {}),
    forcePathStyle: options.usePathStyle ?? false,
    // Blobs are checked by their digest; servers that are not AWS's may not know the other checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...credentials,
    ...(await trusted(env['SLIPWAY_UNREAD_CA_CERTS'])),
  });
  return { client, s3 };
}

/** With the certificates that NODE_EXTRA_CA_CERTS named where the program's launcher kept them from Node. */
async function trusted(file: string | undefined): Promise<Pick<S3ClientConfig, 'requestHandler'>> {
  const own = file ? await readFile(file, 'utf8').catch(() => undefined) : undefined;
  const trust = own === undefined ? {} : { httpsAgent: { ca: [...rootCertificates, own] } };
  return { requestHandler: { ...patience, ...trust } };
}

/** Undefined for an object that is not there. */
export function s3Failure(error: unknown, name: string): SlipwayError | undefined {
  if (error instanceof SlipwayError) return error;
  const {
    name: kind,
    message,
    $metadata,
  } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (kind === 'NoSuchKey' || kind === 'NotFound') return undefined;
  const what = `${name}: ${message || kind || 'no answer'}`;
  if (status === 401 || status === 403 || kind === 'CredentialsProviderError') {
    return new SlipwayError('ERR_UNAUTHORIZED', what, {
      hint: 'give access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment',
      cause: error,
    });
  }
  if (status === undefined || systemCode(error) !== undefined) {
    return new SlipwayError('ERR_NETWORK', what, {
      hint: 'check endpoint_url and the network',
      cause: error,
    });
  }
  return new SlipwayError('ERR_REGISTRY', what, { hint: 'check bucket and region', cause: error });
}
