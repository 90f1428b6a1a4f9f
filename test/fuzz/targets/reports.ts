// What others read: reports of the linter and the page of a replay, made of hostile names and words.

import { harmless } from '../../../src/cli/progress/harmless.ts';
import { lintText } from '../../../src/lint/lint-text.ts';
import { formatReport, reportFormats } from '../../../src/lint/report/format-report.ts';
import { ruleSummaries } from '../../../src/lint/rule-summaries.ts';
import { htmlReport } from '../../../src/replay-report/html/document.ts';
import { markdownReport } from '../../../src/replay-report/markdown.ts';
import { hostileReplay, hostileWords } from '../../support/hostile-replay.ts';
import { madeReplay } from '../../support/made-replay.ts';
import { type FuzzTarget, must, texts } from '../fuzz-target.ts';

const markup = [
  ...[
    '</script>',
    '<script>alert(1)</script>',
    '<!--',
    '-->',
    ']]>',
    '<![CDATA[',
    '"',
    "'",
    '>',
    '<',
    '&',
    '&lt;',
  ],
  ...[
    '\0',
    '\x1b[2J',
    '\x07',
    '\x9b',
    '\u202e',
    '\u2028',
    '\ufeff',
    '\ufffe',
    '\ud800',
    '\xff',
    '\r\n',
    '\n',
    '%0A',
  ],
  ...[
    '::error::',
    '`',
    '```',
    '|',
    '](javascript:alert(1))',
    '@everyone',
    ' onload=alert(1) ',
    'http://',
    '../',
    '?',
    '#',
  ],
];

/** One element's tags as an XML parser would see them; nothing else is there. */
const tag =
  /<(\/?)([a-z]+)((?: [a-z]+=(?:"[^"<>&\0-\x1f]*(?:&#\d+;[^"<>&\0-\x1f]*)*"|'[^'<>&\0-\x1f]*(?:&#\d+;[^'<>&\0-\x1f]*)*'))* ?)(\/?)>/y;
const content = /(?:[^<>&\0-\x1f\ud800-\udfff\ufffe\uffff]|&#\d+;)*/y;

/** Whether it is a declaration and one element, whose tags are closed in their order. */
function isXml(text: string): boolean {
  const open: string[] = [];
  let at = text.indexOf('?>') + 2;
  const end = text.trimEnd().length;
  while (at < end) {
    content.lastIndex = at;
    at += content.exec(text)?.[0].length ?? 0;
    if (at >= end) break;
    tag.lastIndex = at;
    const found = tag.exec(text);
    if (!found) return false;
    const [whole, closes, name = '', , ends] = found;
    if (closes ? open.pop() !== name : false) return false;
    if (!closes && !ends) open.push(name);
    at += whole.length;
  }
  for (const [, number] of text.matchAll(/&#(\d+);/g)) {
    const sign = Number(number);
    const isSign = sign === 9 || sign === 10 || sign === 13 || (sign >= 0x20 && sign < 0xd800);
    if (!isSign && !(sign > 0xdfff && sign < 0xfffe) && !(sign > 0xffff && sign < 0x110000)) return false;
  }
  return text.startsWith('<?xml ') && open.length === 0;
}

const linesOf = (text: string): number => text.split('\n').length - 1;

const lintReports: FuzzTarget = {
  name: 'lint-report',
  corpus: () =>
    texts(
      'a/Dockerfile\nFROM a\nRUN apt-get install x && cd /y\nCOPY a b c\nMAINTAINER "x"\n',
      '</file>\nFROM debian:latest\nENV A=$B\nRUN sudo x | y\nEXPOSE 99999\nFROM\n',
      '/abs/a b?#%.x\nFROM a AS b\nFROM c AS b\nWORKDIR x\nUSER root\nCMD x\nCMD y\n',
    ),
  words: markup,
  run(input) {
    const [name = '', ...rest] = input.subarray(0, 8192).toString('utf8').split('\n');
    const text = rest.join('\n');
    const findings = lintText(text, 'Dockerfile');
    for (const compat of [undefined, 'hadolint'] as const)
      for (const format of reportFormats) {
        const options = {
          ...{ compat, color: false, version: '1.0.0', rules: ruleSummaries, page: () => undefined },
          harmless: (one: string) => harmless(one),
        };
        const report = formatReport(format, [{ name, text, findings }], options);
        if (format === 'checkstyle' || format === 'junit')
          must(isXml(report), `${format} is no XML: ${report}`);
        else if (format === 'codeclimate')
          for (const one of report.split('\0').filter(Boolean)) JSON.parse(one);
        else if (format === 'codacy') must(!report.includes('\n'), 'a line break in codacy');
        else if (format === 'tty' || format === 'gnu' || format === 'github') {
          must(linesOf(report) === findings.length, `${format} has not a line for each finding`);
          must(
            !/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(report),
            `${format} has control characters`,
          );
        } else {
          const document = JSON.parse(report) as { runs?: { results: { locations: never[] }[] }[] };
          if (format === 'sarif') must(!/"uri": "[^"]*[^!-~]/.test(report), 'a URI of SARIF is none');
          must(document !== null, 'no document');
        }
      }
  },
};

/** All tags of a page, with the names of their attributes. */
function tagsOf(page: string): Set<string> {
  const outside = page.replace(/(<(script|style)[^>]*>).*?<\/\2>/gs, '$1');
  return new Set(
    [...outside.matchAll(/<(?:[!/]?[a-zA-Z][^>]*|!--|\?)>?/g)].map(([whole]) =>
      whole.replace(/="[^"]*"/g, '=').replace(/\s+/g, ' '),
    ),
  );
}

let known: Set<string> | undefined;

const page: FuzzTarget = {
  name: 'html',
  corpus: () => texts(hostileWords.join('\n'), 'one\ntwo\nthree'),
  words: markup,
  run(input) {
    known ??= tagsOf(htmlReport(hostileReplay(hostileWords, 4)) + htmlReport(madeReplay({ commits: 4 })));
    const replay = hostileReplay(input.subarray(0, 4096).toString('utf8').split('\n').slice(0, 12), 4);
    const html = htmlReport(replay);
    for (const one of tagsOf(html)) must(known.has(one), `the page has ${one}`);
    must(html.split(/<script[ >]/).length === 3, 'the page has other scripts');
    const data = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)?.[1];
    JSON.parse(data ?? 'nothing');
    must(
      !/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(html),
      'the page has control characters',
    );
    markdownReport(replay);
  },
};

export const reportTargets: FuzzTarget[] = [lintReports, page];
