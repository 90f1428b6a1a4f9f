// DL3053: a label that should be a time.
import { tellWrongLabels } from './labels.ts';
import type { LintRule } from './walk.ts';

const form = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

export const dl3053: LintRule = {
  code: 'DL3053',
  name: 'LabelTime',
  family: 'hadolint',
  description: 'Labels that the schema calls times should be written as RFC 3339 says',
  severity: 'warning',
  scope: 'instruction',
  on: ['LABEL'],
  check: (file) =>
    tellWrongLabels(file, 'rfc3339', { isRight: isTime, what: 'a time as 2030-01-31T12:00:00Z' }),
};

function isTime(text: string): boolean {
  const found = form.exec(text);
  if (found === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= days && hour < 24 && minute < 60 && second <= 60;
}
