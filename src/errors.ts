// The one error type of the library. A bug stays a plain Error; whatever a user can cause or mend is a SlipwayError.

/** Every code a caller may branch on. README.md lists each with its remedy. */
export type ErrorCode =
  | 'ERR_USAGE'
  | 'ERR_SYNTAX'
  | 'ERR_UNKNOWN_STAGE'
  | 'ERR_UNKNOWN_TARGET'
  | 'ERR_EXPANSION'
  | 'ERR_UNSUPPORTED'
  | 'ERR_DOCKERFILE_NOT_FOUND'
  | 'ERR_CONTEXT'
  | 'ERR_SOURCE_NOT_FOUND'
  | 'ERR_COPY'
  | 'ERR_USER_NOT_FOUND'
  | 'ERR_CHECK'
  | 'ERR_RUN_FAILED'
  | 'ERR_NOT_ALLOWED'
  | 'ERR_SECRET'
  | 'ERR_RUNTIME_MISSING'
  | 'ERR_RUNTIME'
  | 'ERR_PLATFORM'
  | 'ERR_IMAGE_NOT_FOUND'
  | 'ERR_BAD_REFERENCE'
  | 'ERR_BAD_IMAGE'
  | 'ERR_BAD_ARCHIVE'
  | 'ERR_DIGEST_MISMATCH'
  | 'ERR_BLOB_NOT_FOUND'
  | 'ERR_REGISTRY'
  | 'ERR_UNAUTHORIZED'
  | 'ERR_NETWORK'
  | 'ERR_OFFLINE'
  | 'ERR_LOCK'
  | 'ERR_STORE'
  | 'ERR_DISK_FULL'
  | 'ERR_EXPORT'
  | 'ERR_TIMEOUT'
  | 'ERR_ABORTED';

/** A place in a text file. Lines and columns count from 1; `end` is exclusive. */
export interface SourceRange {
  start: { line: number; column: number };
  end: { line: number; column: number };
}

/** Where an error lies: a range, and the file it belongs to where that is known. */
export interface Place {
  /** As the user would name it: `Dockerfile`, `docker/app.Dockerfile`, `-`. */
  file?: string | undefined;
  range: SourceRange;
}

export interface ErrorDetails {
  /** What to do about it: one sentence or a command. */
  hint?: string | undefined;
  place?: Place | undefined;
  cause?: unknown;
}

/** An error that a user can understand and mend: what (message), where (place), why (cause), what to do (hint). */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  hint: string | undefined;
  place: Place | undefined;
  /** Takes what must not be seen out of what is shown beside the error, such as lines of the Dockerfile. */
  mask: ((text: string) => string) | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.place = details.place;
    this.mask = undefined;
  }

  static {
    SlipwayError.prototype.name = 'SlipwayError';
  }
}

/** A step's command ended with a code other than 0, or by a signal. */
export class RunError extends SlipwayError {
  readonly exitCode: number;
  /** The last lines that the command wrote, oldest first. */
  readonly tail: readonly string[];

  constructor(
    message: string,
    result: { exitCode: number; tail: readonly string[] },
    details?: ErrorDetails,
  ) {
    super('ERR_RUN_FAILED', message, details);
    this.exitCode = result.exitCode;
    this.tail = result.tail;
  }
}

/** Puts a suggestion in front of the hint of an error that says something was not found or reached. Returns the same error. */
export function withSuggestion(error: unknown, suggestion: string | undefined): unknown {
  const fitting: ErrorCode[] = ['ERR_IMAGE_NOT_FOUND', 'ERR_UNAUTHORIZED', 'ERR_NETWORK', 'ERR_REGISTRY'];
  if (suggestion && error instanceof SlipwayError && fitting.includes(error.code)) {
    error.hint = error.hint === undefined ? suggestion : `${suggestion} Else: ${error.hint}`;
  }
  return error;
}

export function isSlipwayError(error: unknown): error is SlipwayError {
  return error instanceof SlipwayError;
}

/** Adds a place to an error that has none yet, so that the innermost place wins. Returns the same error. */
export function withPlace(error: unknown, place: Place): unknown {
  if (error instanceof SlipwayError) error.place ??= place;
  return error;
}

/** Throws a plain Error, a bug, unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}

/** The system's error code (`ENOENT`, …) of an error from Node, if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
