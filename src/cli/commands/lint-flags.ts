// The flags of `slipway lint`; those that hadolint has are called as they are there.
import type { Flag } from '../arguments.ts';

const groups = { what: 'What is reported', output: 'Output' } as const;

export const lintFlags = [
  {
    name: 'compat',
    type: 'text',
    value: 'LINTER',
    choices: ['hadolint', 'buildkit'],
    group: groups.what,
    help: 'report exactly what hadolint or BuildKit report, on the lines where they do',
  },
  {
    name: 'ignore',
    type: 'list',
    value: 'CODE',
    group: groups.what,
    help: 'leave a rule out; may be repeated',
  },
  { name: 'error', type: 'list', value: 'CODE', group: groups.what, help: 'make a rule an error' },
  { name: 'warning', type: 'list', value: 'CODE', group: groups.what, help: 'make a rule a warning' },
  {
    name: 'info',
    type: 'list',
    value: 'CODE',
    group: groups.what,
    help: 'make a rule a piece of information',
  },
  { name: 'style', type: 'list', value: 'CODE', group: groups.what, help: 'make a rule a matter of style' },
  {
    name: 'disable-ignore-pragma',
    type: 'boolean',
    group: groups.what,
    help: 'comments leave no rules out',
  },
  {
    name: 'trusted-registry',
    type: 'list',
    value: 'HOST',
    group: groups.what,
    help: 'images may come from there; with the first one all others are reported (DL3026)',
  },
  {
    name: 'require-label',
    type: 'list',
    value: 'NAME:TYPE',
    group: groups.what,
    help: 'a label that images have to have: text, url, email, hash, semver, spdx or rfc3339',
  },
  {
    name: 'strict-labels',
    type: 'boolean',
    group: groups.what,
    help: 'labels that --require-label does not name are reported (DL3050)',
  },
  {
    name: 'failure-threshold',
    short: 't',
    type: 'text',
    value: 'SEVERITY',
    choices: ['error', 'warning', 'info', 'style', 'ignore', 'none'],
    group: groups.output,
    help: 'the least severity that makes the exit code 1 (info); ignore and none: any finding does',
  },
  { name: 'no-fail', type: 'boolean', group: groups.output, help: 'the exit code is 0 whatever is found' },
  {
    name: 'format',
    short: 'f',
    type: 'text',
    value: 'FORMAT',
    choices: ['tty', 'json'],
    group: groups.output,
    help: 'tty: a line for each finding; json: an array, with the fields of hadolint',
  },
  { name: 'no-color', type: 'boolean', group: groups.output, help: 'no colours, also on a terminal' },
  {
    name: 'explain',
    type: 'text',
    value: 'CODE',
    group: groups.output,
    help: 'print the page of a rule: why, what is bad, what is good',
  },
  { name: 'help', short: 'h', type: 'boolean', group: groups.output, help: 'this text' },
] as const satisfies readonly Flag[];
