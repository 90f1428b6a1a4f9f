// Content descriptors (descriptor.md).
import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** What a blob is, how long, and its digest; wire names. `size` is in bytes. */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  size: number;
  annotations?: Record<string, string>;
  platform?: Platform;
}
