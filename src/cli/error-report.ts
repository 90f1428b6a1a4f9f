// How an error is told: what, where, why, and what to do. Only main.ts prints it.
import { RunError, SlipwayError, systemCode } from '../errors.ts';
import { harmless, harmlessLines, harmlessName } from './progress/harmless.ts';
import type { FailureContext } from './session.ts';
import { sourceExcerpt } from './source-excerpt.ts';

const rule = '-'.repeat(6);
const deepest = 5;
/** Failures of the machine that may come from anywhere: nobody's bug. */
const machine: Record<string, string> = {
  ENOSPC: 'the disk is full: make room, or use another state folder with --root DIR',
  EDQUOT: 'the disk quota is used up: make room, or use another state folder with --root DIR',
  EACCES: 'check the permissions of that path, or use another state folder with --root DIR',
  EPERM: 'check the permissions of that path, or use another state folder with --root DIR',
  EROFS: 'the file system is read-only: use another state folder with --root DIR',
  EMFILE: 'raise the limit of open files: ulimit -n 4096',
  ENFILE: 'too many files are open on this machine',
  ENOMEM: 'the machine is out of memory',
  EAGAIN: 'no more processes or threads can be started: end some, or raise the limit: ulimit -u',
  EFBIG: 'raise the limit of the size of files: ulimit -f unlimited',
  EIO: 'a disk or its driver failed: the system log says more',
  ENAMETOOLONG: 'use a shorter path, for the state folder with --root DIR',
};

/** The whole report, ended with a line end. */
export function errorReport(error: unknown, context: FailureContext & { color?: boolean }): string {
  const lines: string[] = [];
  if (error instanceof RunError) lines.push(...outputTail(error, context.step));
  const title = context.color ? '\x1b[1;31mERROR:\x1b[0m' : 'ERROR:';
  const friendly = error instanceof SlipwayError;
  const system = friendly ? undefined : machine[systemCode(error) ?? ''];
  lines.push(`${title} ${harmlessLines(messageOf(error))}`);
  if (friendly && error.place) lines.push(...placeLines(error.place, context));
  lines.push(...causes(error));
  if (!friendly && !system) {
    lines.push(...stackOf(error), 'this is a bug in slipway: please report it with the lines above');
  } else if (context.debug) {
    lines.push(...stackOf(error));
  }
  const hint = friendly ? error.hint : system;
  if (hint) lines.push(`hint: ${harmlessLines(hint)}`);
  const report = `${lines.join('\n')}\n`;
  return friendly && error.mask ? error.mask(report) : report;
}

function messageOf(error: unknown): string {
  if (error instanceof RunError && !new RegExp(`\\b${error.exitCode}\\b`).test(error.message)) {
    return `${error.message} (exit code ${error.exitCode})`;
  }
  return error instanceof Error ? error.message || error.name : String(error);
}

/** The end of what the failed step printed. */
function outputTail(error: RunError, step: string | undefined): string[] {
  if (error.tail.length === 0) return [];
  const name = step === undefined ? 'output' : harmlessName(step);
  return [rule, ` > ${name}:`, ...error.tail.map(harmless), rule];
}

function placeLines(place: NonNullable<SlipwayError['place']>, context: FailureContext): string[] {
  const file = place.file ?? 'Dockerfile';
  const named = file === '-' ? 'Dockerfile (standard input)' : harmlessName(file);
  const source = context.readSource?.(file);
  const excerpt = source === undefined ? undefined : sourceExcerpt(source, place.range);
  return [`${named}:${place.range.start.line}`, ...(excerpt ?? [])];
}

/** Messages below the error's own, left out where they are said already. */
function causes(error: unknown): string[] {
  const lines: string[] = [];
  const said = [messageOf(error)];
  let next = causeOf(error);
  for (let depth = 0; next !== undefined && depth < deepest; depth++) {
    const message = messageOf(next);
    if (!said.some((one) => one.includes(message))) lines.push(`caused by: ${harmlessLines(message)}`);
    said.push(message);
    next = causeOf(next);
  }
  return lines;
}

function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0];
  return error instanceof Error ? (error.cause ?? undefined) : undefined;
}

function stackOf(error: unknown): string[] {
  const lines: string[] = [];
  let next: unknown = error;
  for (let depth = 0; next instanceof Error && depth < deepest; depth++) {
    lines.push(`${depth === 0 ? '' : 'caused by: '}${harmlessLines(next.stack ?? String(next))}`);
    next = causeOf(next);
  }
  return lines;
}
