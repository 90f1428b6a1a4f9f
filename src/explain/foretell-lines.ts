// A foretelling in words, for terminals.
import { secondsText } from './describe-cause.ts';
import type { Foretold, ForetoldPath, ForetoldStep, NothingReason } from './foretelling.ts';

export function foretellLines(foretold: Foretold): string[] {
  const { paths, steps, untimed, missingArguments, build } = foretold;
  const lines = paths.flatMap((path) => (path.nothing ? [`${path.path}: ${nothingText(path.nothing)}`] : []));
  for (const path of paths)
    if (path.isNew && !path.nothing) lines.push(`${path.path} is not there yet: as a new file it is read`);
  for (const [at, step] of steps.entries()) lines.push(...stepLines(foretold, step, at));
  if (missingArguments.length > 0)
    lines.push(
      `the newest build had other values of ${missingArguments.join(', ')}: give them with --build-arg to be exact`,
    );
  lines.push(summary(foretold));
  if (untimed > 0 && build === null) lines.push('no build of it is known here, so no time is');
  return lines;
}

function stepLines({ steps }: Foretold, step: ForetoldStep, at: number): string[] {
  const { name, lines, certainty, reads, because, seconds } = step;
  const time = seconds === null ? 'no time known' : secondsText(seconds);
  const why =
    reads.length > 0
      ? `reads ${listed(reads)}`
      : because === null || because === at
        ? ''
        : `because of ${steps[because]!.name} (line ${steps[because]!.lines[0]})`;
  return [
    `${name}  (line ${lines[0]})`,
    `  ${certainty === 'runs' ? 'runs' : 'runs, unless what it takes comes out as before'}: ${time}`,
    ...(why === '' ? [] : [`  ${why}`]),
  ];
}

const listed = (paths: readonly string[]): string =>
  paths.length <= 4 ? paths.join(', ') : `${paths.slice(0, 4).join(', ')} and ${paths.length - 4} more`;

function summary({ steps, seconds, untimed }: Foretold): string {
  if (steps.length === 0) return 'nothing would run';
  const count = (certainty: ForetoldStep['certainty']): number =>
    steps.filter((step) => step.certainty === certainty).length;
  const time = (value: number): string => secondsText(value);
  const may = count('may-run');
  const parts = [
    `${count('runs')} would run, which took ${time(seconds.runs)}`,
    ...(may > 0 ? [`${may} may run, which took ${time(seconds.mayRun)}`] : []),
    ...(untimed > 0 ? [`of ${untimed} no time is known`] : []),
  ];
  return parts.join('; ');
}

/** Why nothing runs for a path. */
function nothingText(reason: NonNullable<ForetoldPath['nothing']>): string {
  return nothingWords[reason.kind](reason as never);
}

const nothingWords = {
  ignored: ({ file, line, pattern }: Extract<NothingReason, { kind: 'ignored' }>) =>
    `nothing: line ${line} of ${file} leaves it out: ${pattern}`,
  unread: () => 'nothing: no step reads it',
  outside: () => 'nothing: it is in no folder that the build reads',
  'no-match': () => 'nothing: no file of the context matches it',
  dockerfile: () => 'it is the Dockerfile: a step runs where its own words change, and what stands on it',
  'ignore-file': () => 'it is the ignore file: a step runs where other files come to be read',
} satisfies Record<NothingReason['kind'], (reason: never) => string>;
