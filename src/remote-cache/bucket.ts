export function createBucketCache(..._: unknown[]): never {
  throw new Error('soon');
}
