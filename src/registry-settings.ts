// How registries are reached and who the user is there: plain data, from flags and from a configuration file.

/** Of one registry. Paths are absolute. */
export interface RegistryHost {
  /** Asked in this order before the registry itself, for what is read: `host[:port][/prefix]`. */
  mirrors?: string[];
  /** What no mirror has is not asked of the registry itself. */
  mirrorsOnly?: boolean;
  /** Its certificate is not checked, and plain http will do. */
  insecure?: boolean;
  /** PEM files of authorities that are trusted besides the usual ones. */
  ca?: string[];
  /** Bytes: what is larger is sent in chunks of this size. Left out: 64 MiB, for what is larger than twice that. */
  chunkSize?: number;
  /** The client's certificate and its key, as PEM files. */
  clientCertificate?: { cert: string; key: string };
}

export interface RegistrySettings {
  /** By name as in references (`host[:port]`), in lower case; `*` is for every registry. */
  hosts?: Record<string, RegistryHost>;
  /** What no mirror of a registry has is not asked of the registry itself. */
  mirrorsOnly?: boolean;
  /** Instead of what the credential files hold; for every registry, or for those that are named. */
  login?: { username: string; password: string; registries?: string[] };
  /** The one credential file, instead of those in the usual places. */
  authFile?: string;
  /** Its `*.crt` are trusted, and its `*.cert` and `*.key` shown, at every registry. */
  certFolder?: string;
  /** Whether pushing is allowed is not asked before the build. */
  skipPushCheck?: boolean;
  /** A tag that the registry does not let be moved is left as it is, with a warning. */
  ignoreImmutableTags?: boolean;
  /** Further attempts after the first one; left out: 4. */
  retries?: number;
  /** Milliseconds before the first further attempt; left out: 500. It doubles from then on. */
  retryDelay?: number;
  /** Milliseconds without a byte after which a connection is given up; left out: 60,000. */
  idleTimeout?: number;
}
