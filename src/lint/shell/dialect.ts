// Which shell runs a step: SHELL, a heredoc's first line, hadolint's comment, or the one that Linux images have.
import { basename } from 'node:path/posix';

/** `sh` is any POSIX shell. A program that is none of them is `undefined` where a dialect is asked for. */
export type Dialect = 'sh' | 'dash' | 'ash' | 'bash' | 'ksh';

const byName: Readonly<Record<string, Dialect>> = {
  sh: 'sh',
  dash: 'dash',
  ash: 'ash',
  bash: 'bash',
  ksh: 'ksh',
  ksh93: 'ksh',
  mksh: 'ksh',
  oksh: 'ksh',
};

/** Of a command line as SHELL and `#!` have: `/usr/bin/env bash -e` is bash. */
export function dialectOf(words: readonly string[]): Dialect | undefined {
  const programs = words.filter((word) => !word.startsWith('-')).map((word) => basename(word));
  const [first, second] = programs[0] === 'busybox' ? programs.slice(1) : programs;
  const name = (first === 'env' ? second : first) ?? '';
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}
