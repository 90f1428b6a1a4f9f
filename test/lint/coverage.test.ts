// Every rule of every family has examples enough, and those that look into ONBUILD have some there.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText } from '../../src/lint/lint-text.ts';
import { ruleSummaries } from '../../src/lint/rule-summaries.ts';
import { checkCases } from './check-cases.ts';
import { dlCases } from './dl-cases.ts';
import { scCases } from './sc-cases.ts';
import { swCases } from './sw-cases.ts';

const test = suite('lint/coverage');

/** hadolint's rules that look at what ONBUILD triggers. */
const seeTriggers = [
  ...'DL3001 DL3004 DL3008 DL3009 DL3013 DL3014 DL3015 DL3016 DL3018 DL3019 DL3027 DL3028 DL3030 DL3032'.split(
    ' ',
  ),
  ...'DL3033 DL3034 DL3035 DL3036 DL3037 DL3038 DL3040 DL3041 DL3042 DL3046 DL3047 DL3060 DL3062'.split(' '),
  ...'DL3064 DL4001 DL4005'.split(' '),
];
/** Those that are about comments, about ONBUILD itself, or about more than instructions of a stage. */
const aboutOthers = ['DL1001', 'DL3043', 'DL3061'];

type Texts = { hits: readonly (readonly [string, ...unknown[]])[]; clean: readonly unknown[] };
const cases: Readonly<Record<string, Texts>> = { ...dlCases, ...scCases, ...swCases, ...checkCases };
const least = 3;

test('every rule has three texts that it finds something in, and three that it does not', () => {
  const codes = ruleSummaries.map(({ code }) => code).filter((code) => code !== 'DL1000');
  assert.equal(Object.keys(cases).sort(), codes.sort());
  for (const [code, { hits, clean }] of Object.entries(cases)) {
    const texts = new Set(hits.map(([text]) => text));
    assert.ok(texts.size >= least && new Set(clean.map(String)).size >= least, code);
  }
});

test("each of hadolint's rules that look into ONBUILD has a text that shows it", () => {
  for (const code of seeTriggers)
    assert.ok(
      dlCases[code]!.hits.some(([text]) => /^ONBUILD /m.test(text)),
      code,
    );
});

const triggers = (text: string) =>
  text.replace(/^(?!from|arg|onbuild|maintainer|#)(?=[a-z]+ )/gim, 'ONBUILD ');

for (const [code, { hits, settings }] of Object.entries(dlCases)) {
  if (seeTriggers.includes(code) || aboutOthers.includes(code)) continue;
  test(`${code} is not looked for in what ONBUILD triggers, neither here nor by hadolint`, () => {
    for (const [text] of hits) {
      const own = text.replace(/ <<-?E\n[\s\S]*?\n\t?E\n?/g, ' a\n');
      const whole = triggers(/^from /im.test(own) ? own : `FROM debian:12\n${own}`);
      const lines = whole.split('\n');
      for (const compat of [undefined, 'hadolint'] as const) {
        const found = lintText(whole, 'Dockerfile', { ...settings, compat })
          .filter(({ rule, line }) => rule === code && lines[line - 1]!.startsWith('ONBUILD '))
          .map(({ line }) => lines[line - 1]);
        assert.equal(found, []);
      }
    }
  });
}

test.run();
