// What a comparison of two images says: plain data, as --json writes it. Layers are numbered from 0, the lowest.
import type { Digest } from '../oci/digest.ts';

/** What differs of a path that both have. `time` only where it is asked for. */
export type Aspect = 'type' | 'content' | 'size' | 'mode' | 'owner' | 'link' | 'device' | 'xattrs' | 'time';

export interface FileFacts {
  type: string;
  /** Octal: `0644`. */
  mode: string;
  uid: number;
  gid: number;
  /** Bytes of a file's content. */
  size: number;
  /** Of a file's content. */
  digest?: Digest;
  linkTarget?: string;
  /** A further name of a file that stands before it: its bytes count there. */
  linked?: true;
  /** Of its image, the layer that wrote it. */
  layer: number;
}

export interface FileDifference {
  path: string;
  change: 'added' | 'removed' | 'changed';
  /** Of what changed. */
  aspects: Aspect[];
  before?: FileFacts;
  after?: FileFacts;
  /** A unified diff of the content, where it is asked for and both are short texts. */
  patch?: string;
}

export interface Sums {
  added: number;
  removed: number;
  changed: number;
  /** Bytes that came and went. */
  bytesAdded: number;
  bytesRemoved: number;
}

export interface ConfigDifference {
  /** `Env PATH`, `Cmd`, `Labels version`, `ExposedPorts 80/tcp`, `Os`. */
  field: string;
  /** Undefined: it has none. */
  before: unknown;
  after: unknown;
}

export interface ComparedImage {
  name: string;
  id: Digest;
  platform: string;
  /** How many were compared: all, but for `IMAGE#N`. */
  layers: number;
  /** Contents that can be reached. */
  bytes: number;
}

export interface ImageDiff {
  version: 1;
  before: ComparedImage;
  after: ComparedImage;
  equal: boolean;
  /** Sorted by path. */
  files: FileDifference[];
  total: Sums;
  /** By the instruction that wrote what is there now or, of what is gone, that had written it. Those that changed most first. */
  instructions: (Sums & { image: 'before' | 'after'; layer: number; text: string })[];
  config: ConfigDifference[];
  layers: {
    /** Equal ones from the bottom up. */
    shared: number;
    /** Of both, equal ones wherever they are. */
    common: number;
    before: string[];
    after: string[];
  };
}
