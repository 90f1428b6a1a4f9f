// DL3052: a label that should be a URL.
import { tellWrongLabels } from './labels.ts';
import type { LintRule } from './walk.ts';

/** A scheme, and something behind it without blanks. */
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s"<>\\^`{|}]*$/;

export const dl3052: LintRule = {
  code: 'DL3052',
  name: 'LabelUrl',
  family: 'hadolint',
  description: 'Labels that the schema calls URLs should be URLs',
  severity: 'warning',
  scope: 'instruction',
  on: ['LABEL'],
  check: (file) => tellWrongLabels(file, 'url', { isRight: (value) => uri.test(value), what: 'a URL' }),
};
