// Causes in words: one line each, for terminals and reports.
import type { BuildRecord, StepRecord } from '../build-record.ts';
import type { Cause, ContentChange, ExplainedBuild, ExplainedStep } from './explanation.ts';

/** `[build 2/4] RUN make`, in one line. */
export function stepName({ label, text }: StepRecord): string {
  const line = text.replace(/\s*\\?\s*\n\s*/g, ' ');
  return label === '' ? line : `${label} ${line}`;
}

/** Begins with a small letter unless it begins with a name. @param build whose steps the cause points at */
export function describeCause(cause: Cause, build: BuildRecord): string {
  switch (cause.kind) {
    case 'file':
      return `${describeFile(cause)}${commitText(cause, build)}`;
    case 'instruction':
      return cause.before === cause.after
        ? 'the shell or the script of the instruction changed'
        : `the instruction was ${quoted(cause.before)}`;
    case 'flag':
      return `${cause.name} was ${quoted(cause.before)}, and is ${quoted(cause.after)}`;
    case 'variable':
      return `${cause.argument ? 'ARG' : 'variable'} ${cause.name} ${variableWords[cause.change]}`;
    case 'setting':
      return `${cause.name} was ${quoted(cause.before)}, and is ${quoted(cause.after)}`;
    case 'mount':
      return `the mount ${cause.target.startsWith('/') ? 'at ' : ''}${cause.target} ${cause.change === 'changed' ? 'has other options' : `was ${cause.change}`}`;
    case 'base':
      return `the base image was ${cause.before}, and is ${cause.after}`;
    case 'parent':
      return `${placeOf(build.steps[cause.step]!)} made something else`;
    default:
      return plainWords[cause.kind](cause as never);
  }
}

const variableWords = { added: 'is new', removed: 'is gone', changed: 'has another value' } as const;

const plainWords = {
  'no-cache': () => 'the cache was not to be used (--no-cache)',
  'first-build': () => 'no earlier build of this Dockerfile is known here',
  'new-step': () => 'the earlier build has no such step',
  'not-stored': () => 'nothing changed, but the earlier build did not get to its end',
  pruned: () => 'nothing changed, but its result is not stored any more: it was pruned',
  expired: () => 'nothing changed, but its result is older than --cache-ttl allows',
  'no-layer': ({ cache }: { cache: string }) =>
    `nothing changed, but ${cache} has not its layer: --cache-to with mode=max exports those of all steps`,
  'not-asked': ({ cache }: { cache: string }) =>
    `nothing changed, but its result came from ${cache}, which was not there to be asked this time`,
  unknown: () => 'what went into it in the earlier build is not known any more',
} satisfies Partial<Record<Cause['kind'], (cause: never) => string>>;

function describeFile(cause: Extract<Cause, { kind: 'file' }>): string {
  const where = cause.mount === undefined || cause.mount === cause.path ? '' : ` (mounted at ${cause.mount})`;
  const path = `${cause.path}${where}`;
  switch (cause.change) {
    case 'added':
    case 'removed':
      return `${path} was ${cause.change}`;
    case 'renamed':
      return `${cause.from} was renamed to ${path}`;
    case 'content':
      return `${path} has other content${contentText(cause)}`;
    default:
      return `${path}: ${cause.change} ${cause.before} → ${cause.after}`;
  }
}

function contentText({ lines, binary, sizes }: ContentChange): string {
  if (lines) return ` (+${lines.added} −${lines.removed})`;
  if (!sizes) return '';
  const bytes =
    sizes.before === sizes.after ? `${sizes.after} bytes` : `${sizes.before} → ${sizes.after} bytes`;
  return ` (${binary ? 'binary, ' : ''}${bytes})`;
}

function commitText({ commit }: Extract<Cause, { kind: 'file' }>, { started }: BuildRecord): string {
  if (commit === undefined) return '';
  if (commit === 'uncommitted') return ', not committed';
  const { hash, subject, author, date } = commit;
  return `, ${hash} ${quoted(subject)} by ${author}, ${ageText(Date.parse(started) - Date.parse(date))}`;
}

const units: [name: string, seconds: number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** How old a commit was when the build began. */
function ageText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const [name, length] = units.find(([, one]) => seconds >= one) ?? ['minute', 60];
  const count = Math.floor(seconds / length);
  return count < 1 ? 'just made' : `${count} ${name}${count === 1 ? '' : 's'} earlier`;
}

function quoted(text: string): string {
  const line = text.replace(/\s*\\?\s*\n\s*/g, ' ');
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 119)}…` : line);
}

function placeOf(step: StepRecord): string {
  return `${stepName(step)} (line ${step.lines[0]})`;
}

/** `RUN make` of 41.2 s and the like. */
export const secondsText = (seconds: number): string =>
  seconds < 10 ? `${Number(seconds.toFixed(2))} s` : `${Math.round(seconds)} s`;

const shown = 8;

/**
 * Lines for steps of a build, in the order of the build: what each was, and why it missed, the root cause first.
 * @param steps those that are told of
 */
export function explanationLines(
  { build, steps: all }: ExplainedBuild,
  steps: readonly ExplainedStep[],
): string[] {
  return steps.flatMap((explained) => {
    const step = build.steps[explained.step]!;
    const lines = [`${stepName(step)}  (line ${step.lines[0]})`, `  ${outcomeText(step)}`];
    const { root } = explained;
    const below: string[] = [];
    if (root !== undefined && root !== explained.step) {
      lines.push(`  because of ${placeOf(build.steps[root]!)}:`);
      below.push(...causeLines(all[root]!.causes, build));
    }
    const own = causeLines(
      explained.causes.filter((cause) => cause.kind !== 'parent'),
      build,
    );
    lines.push(...below.map((line) => `    ${line}`));
    lines.push(...own.filter((line) => !below.includes(line)).map((line) => `  ${line}`));
    return lines;
  });
}

/** Every commit changes files below `.git`: one line for all of them, behind what somebody changed. */
const ofGit = (cause: Cause): boolean => cause.kind === 'file' && /(?:^|\/)\.git\//.test(cause.path);

function causeLines(causes: readonly Cause[], build: BuildRecord): string[] {
  const own = causes.filter((cause) => !ofGit(cause));
  const lines = own.slice(0, shown).map((cause) => describeCause(cause, build));
  if (own.length > shown) lines.push(`and ${own.length - shown} more`);
  const git = causes.length - own.length;
  if (git > 0) {
    const what = git === 1 ? 'a file of .git has' : `${git} files of .git have`;
    lines.push(`${what} changed, as with every commit: .dockerignore can leave them out`);
  }
  return lines;
}

function outcomeText({ outcome, seconds, source }: StepRecord): string {
  const time = seconds === undefined ? '' : secondsText(seconds);
  switch (outcome) {
    case 'hit':
      return `hit${source === undefined || source === 'local' ? '' : `, from ${source}`}${time === '' ? '' : `: saved ${time}`}`;
    case 'ran':
      return `miss: ran ${time}`;
    case 'failed':
      return time === '' ? 'failed' : `miss: failed after ${time}`;
    case 'canceled':
      return 'miss: stopped, because another step failed';
    case 'unreached':
      return 'not reached';
    case 'source':
      return 'read';
  }
}
