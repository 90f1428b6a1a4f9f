// A server that speaks the protocol of S3, on a free port of 127.0.0.1. It stands for the wire protocol alone: s3rver is
// no S3, and knows nothing of permissions, conditions and consistency.
import type { AddressInfo } from 'node:net';
import S3rver from 's3rver';
import { tempDir } from './temp-dir.ts';

export interface BucketServer {
  endpoint: string;
  bucket: string;
  /** Method and path of each request, in order. */
  requests: string[];
  stop(): Promise<void>;
}

export const bucketLogin = { accessKeyID: 'S3RVER', secretAccessKey: 'S3RVER' };

export async function startBucketServer(): Promise<BucketServer> {
  const dir = await tempDir();
  const bucket = 'caches';
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: dir.path,
    resetOnClose: true,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const requests: string[] = [];
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.run((error, at) => (error ? reject(error) : resolve(at)));
  });
  server.httpServer.on('request', (request) => requests.push(`${request.method} ${request.url}`));
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    bucket,
    requests,
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await dir[Symbol.asyncDispose]();
    },
  };
}
