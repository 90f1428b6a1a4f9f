// Progress that goes to files instead of the terminal (`--logfile`, `--logsplit`): lines can be read while the build runs.
import { closeSync, openSync, writeSync } from 'node:fs';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { BuildEvent } from '../../index.ts';
import { createProgress } from './create-progress.ts';
import type { Progress, ProgressMode, ProgressOptions } from './progress.ts';

export interface LogFileOptions extends Omit<ProgressOptions, 'stream'> {
  /** Absolute. What is in it is overwritten. */
  path: string;
  mode: ProgressMode;
  /** Steps of a platform go to `PATH_OS_ARCH`, what belongs to none stays in `path`. */
  split: boolean;
}

export interface LogFile extends Disposable {
  progress: Progress;
  /** Aborted with the error when a line can't be written. */
  failed: AbortSignal;
}

/** @throws ERR_EXPORT, ERR_DISK_FULL where the file can't be written; so does `finish` of the progress. */
export function openLogFile(options: LogFileOptions): LogFile {
  const failed = new AbortController();
  const files: number[] = [];

  const start = (path: string): Progress => {
    const file = attempt(path, () => openSync(path, 'w', 0o600));
    files.push(file);
    const write = (text: string): void => {
      if (failed.signal.aborted) return;
      try {
        attempt(path, () => writeWhole(file, Buffer.from(text)));
      } catch (error) {
        failed.abort(error);
      }
    };
    return createProgress(options.mode, { ...options, stream: { write } });
  };

  const common = start(options.path);
  const own = new Map<string, Progress>();
  /** Where the events of a vertex go. */
  const vertices = new Map<string, Progress[]>();

  const ofPlatform = (name: string): Progress => {
    const known = own.get(name) ?? start(`${options.path}_${name.replaceAll('/', '_')}`);
    own.set(name, known);
    return known;
  };

  const targets = (event: BuildEvent): readonly Progress[] => {
    if (event.type === 'warning') return [common];
    if (event.type !== 'started') return vertices.get(event.id) ?? [common];
    const platforms = options.split ? (event.vertex.platforms ?? []) : [];
    const found = platforms.length > 0 ? platforms.map(ofPlatform) : [common];
    vertices.set(event.vertex.id, found);
    return found;
  };

  return {
    failed: failed.signal,
    progress: {
      onEvent(event) {
        if (failed.signal.aborted) return;
        try {
          for (const progress of targets(event)) progress.onEvent(event);
        } catch (error) {
          failed.abort(error);
        }
      },
      finish(outcome) {
        common.finish(outcome);
        for (const progress of own.values()) progress.finish({ status: outcome.status });
        if (outcome.status === 'done') failed.signal.throwIfAborted();
      },
    },
    [Symbol.dispose]() {
      for (const file of files.splice(0)) closeSync(file);
    },
  };
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
};

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new SlipwayError(
      full ? 'ERR_DISK_FULL' : 'ERR_EXPORT',
      `--logfile: can't write ${path}: ${reasons[code] ?? code}`,
      { hint: full ? 'make room, or give the path of another disk' : 'give another path', cause },
    );
  }
}
