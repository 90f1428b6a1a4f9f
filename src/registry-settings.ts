// How registries are reached and who the user is there: plain data, from flags and from a configuration file.

/** Of one registry, by its name in references (`host[:port]`). Paths are absolute. */
export interface RegistryHost {
  /** Asked in this order before the registry itself, for what is read: `host[:port][/prefix]`. */
  mirrors?: string[];
  /** Its certificate is not checked, and plain http will do. */
  insecure?: boolean;
  /** PEM files of authorities that are trusted besides the usual ones. */
  ca?: string[];
  /** The client's certificate and its key, as PEM files. */
  clientCertificate?: { cert: string; key: string };
}

export interface RegistrySettings {
  /** By name, in lower case; `*` is for every registry. */
  hosts?: Record<string, RegistryHost>;
  /** What no mirror has is not asked of the registry itself. */
  mirrorsOnly?: boolean;
  /** For every registry, instead of what the credential files hold. */
  login?: { username: string; password: string };
  /** The one credential file, instead of those in the usual places. */
  authFile?: string;
  /** Folders that hold a folder for each registry, with `*.crt`, `*.cert` and `*.key` in it as Docker has them. */
  certFolders?: string[];
  /** Whether pushing is allowed is not asked before the build. */
  skipPushCheck?: boolean;
  /** A tag that the registry does not let be moved is left as it is, with a warning. */
  ignoreImmutableTags?: boolean;
  /** Further attempts after the first one; left out: 4. */
  retries?: number;
  /** Milliseconds before the first further attempt; left out: 500, growing from then on. */
  retryDelay?: number;
}
