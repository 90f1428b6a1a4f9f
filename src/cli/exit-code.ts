// What the process's exit code says about an error.
import { type ErrorCode, SlipwayError } from '../errors.ts';

/** 1: the Dockerfile, the context or a step is at fault. 2: the command line. 3: the machine or a registry. */
const codes: Record<ErrorCode, 1 | 2 | 3 | 124 | 130> = {
  ERR_USAGE: 2,
  ERR_SYNTAX: 1,
  ERR_UNKNOWN_STAGE: 1,
  ERR_UNKNOWN_TARGET: 1,
  ERR_EXPANSION: 1,
  ERR_UNSUPPORTED: 1,
  ERR_DOCKERFILE_NOT_FOUND: 1,
  ERR_CONTEXT: 1,
  ERR_SOURCE_NOT_FOUND: 1,
  ERR_COPY: 1,
  ERR_USER_NOT_FOUND: 1,
  ERR_CHECK: 1,
  ERR_RUN_FAILED: 1,
  ERR_NOT_ALLOWED: 1,
  ERR_SECRET: 1,
  ERR_RUNTIME_MISSING: 3,
  ERR_RUNTIME: 3,
  ERR_PLATFORM: 1,
  ERR_IMAGE_NOT_FOUND: 1,
  ERR_BAD_REFERENCE: 1,
  ERR_BAD_IMAGE: 3,
  ERR_BAD_ARCHIVE: 1,
  ERR_DIGEST_MISMATCH: 1,
  ERR_BLOB_NOT_FOUND: 3,
  ERR_REGISTRY: 3,
  ERR_UNAUTHORIZED: 3,
  ERR_NETWORK: 3,
  ERR_OFFLINE: 3,
  ERR_LOCK: 1,
  ERR_STORE: 3,
  ERR_DISK_FULL: 3,
  ERR_EXPORT: 3,
  ERR_TIMEOUT: 124,
  ERR_ABORTED: 130,
};

/** Without a place in a Dockerfile these are about the command line. */
const ofTheCommandLine = new Set<ErrorCode>(['ERR_UNSUPPORTED', 'ERR_PLATFORM', 'ERR_BAD_REFERENCE']);

/** The exit code for an error; a bug counts as the environment's fault, so that nobody takes it for the Dockerfile's. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof SlipwayError)) return 3;
  if (error.place === undefined && ofTheCommandLine.has(error.code)) return 2;
  return codes[error.code] ?? 3;
}

/** Where a report is over a `--budget`: nothing went wrong, and CI is to know it. */
export const overBudget = 4;
