// Advice for terminals and pull requests: what others wrote is shown as it is, and does nothing.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Advice } from '../../../src/replay-report/advice/advice.ts';
import { adviceLines, adviceMarkdown } from '../../../src/replay-report/advice/advice-text.ts';

const test = suite('replay report: advice in words');

const offer = {
  title: 'Move COPY a below RUN b',
  patch: '--- a/f\n+++ b/f\n@@ -1 +1 @@\n-COPY\ta \u001b[31m\n+RUN ```echo\u202e\n',
  dockerfile: '',
  ...{ seconds: 83.2, rebuilds: 60, shorter: 1, note: 'a <b> @c' },
};
const advice: Advice[] = [{ variant: 'f', offers: [offer], refusals: ['line 3 \u0007stays'] }];

test('the saving, the patch and what is not offered are told', () => {
  const text = adviceLines(advice).join('\n');
  assert.match(text, '83 s less over 60 rebuilds, 1 of them shorter');
  assert.match(text, '-COPY\ta ');
  assert.match(text, 'Not offered: line 3 \\u0007stays');
  assert.not.match(text, /[\0-\x08\x0b-\x1f\u202e]/);
});

test('in Markdown no patch ends its own block, and no word is markup', () => {
  const text = adviceMarkdown(advice);
  assert.match(text, /^````diff$/m);
  assert.match(text, 'a &lt;b\\> &#64;c');
  assert.not.match(text, /[\0-\x08\x0b-\x1f\u202e]/);
});

test('nothing is said where nothing is known', () => {
  assert.equal(adviceLines([{ variant: 'f', offers: [], refusals: [] }]), []);
  assert.is(adviceMarkdown([{ variant: 'f', offers: [], refusals: ['x'] }]), '');
});

test.run();
