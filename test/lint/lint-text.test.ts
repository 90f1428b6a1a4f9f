// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// One run over a text: families together, comments and settings that leave rules out, and what no text may do to it.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText } from '../../src/lint/lint-text.ts';
import type { LintSettings } from '../../src/lint/settings.ts';

const test = suite('lint/lint-text');

const lines = (text: string, settings?: LintSettings) =>
  lintText(text, 'Dockerfile', settings).map(({ rule, range }) => `${range.start.line} ${rule}`);

test('what two linters say of an instruction is reported once, as the settings prefer', () => {
  const text = 'FROM a:1\nMAINTAINER me\nCMD b\nENV c d\n';
  assert.equal(lines(text), ['2 DL4000', '3 DL3025', '4 LegacyKeyValueFormat']);
  assert.equal(lines(text, { prefer: 'buildkit' }), [
    '2 MaintainerDeprecated',
    '3 JSONArgsRecommended',
    '4 LegacyKeyValueFormat',
  ]);
  assert.equal(lines(text, { compat: 'hadolint' }), ['2 DL4000', '3 DL3025']);
  assert.equal(lines(text, { compat: 'buildkit' }), [
    '2 MaintainerDeprecated',
    '3 JSONArgsRecommended',
    '4 LegacyKeyValueFormat',
  ]);
});

test('mistakes cost their instruction: the rest is linted, and all of them are told', () => {
  assert.equal(lines('FROM a\nCOPY b\nRUN sudo c\nNOPE\nUSER root\n'), [
    '1 DL3006',
    '2 DL1000',
    '3 DL3004',
    '4 DL1000',
    '5 DL3002',
    '5 DL3066',
  ]);
  // hadolint gives up on the file.
  assert.equal(lines('FROM a\nCOPY b\nRUN sudo c\n', { compat: 'hadolint' }), ['2 DL1000']);
});

test('what can be parsed and no build takes is told of, too, and what depends on a variable is not', () => {
  const wrong = [
    ...[
      'ENV a="b',
      'ARG a=${b',
      'LABEL a=${b:^}',
      'WORKDIR ${',
      'USER ${a',
      "VOLUME '/a",
      'EXPOSE ${',
      'STOPSIGNAL "',
    ],
    ...[
      'COPY "a /b',
      'ADD --chown=${a b /c',
      'RUN --mount=type=none a',
      'COPY --chmod=x a /b',
      'STOPSIGNAL SIGNONE',
      'EXPOSE web',
      'FROM ${a',
      'ONBUILD ENV a="b',
    ],
  ];
  for (const line of wrong) {
    const text = `FROM a:1\n${line}\nRUN sudo b\n`;
    for (const one of ['2 DL1000', '3 DL3004']) assert.ok(lines(text).includes(one), line);
    assert.ok(lines(text, { compat: 'buildkit' }).includes('2 DL1000'), line);
  }
  const right = [
    'COPY --chmod=$M a /b',
    'STOPSIGNAL 9',
    'EXPOSE $P 127.0.0.1:80:80/TCP',
    'RUN --mount=type=$T,target=/a b',
    'ENV a=${b:?none}',
    'RUN echo "${',
    "RUN echo it's",
    'CMD "a',
  ];
  for (const line of right) assert.not.ok(lines(`FROM a:1\n${line}\n`).includes('2 DL1000'), line);
});

test('a directive that is wrong costs no other, and is a comment to hadolint', () => {
  const text = (first: string) => `${first}\n# escape=\`\nFROM a:1\nRUN b \`\n  && sudo c\nMAINTAINER d\n`;
  for (const first of ['# syntax=example.com/other:1', '# check=nothing', '# check=skip=all;error=maybe']) {
    assert.equal(lines(text(first)), ['1 DL1000', '5 DL3004', '6 DL4000'], first);
    assert.equal(lines(text(first), { compat: 'hadolint' }), ['4 DL3004', '6 DL4000'], first);
  }
  assert.equal(lines(text('# syntax=example.com/other:1'), { compat: 'buildkit' }), [
    '6 MaintainerDeprecated',
  ]);
  const twice = '# check=skip=MaintainerDeprecated\n# check=skip=all\nFROM a:1\nMAINTAINER b\n';
  assert.equal(lines(twice, { compat: 'buildkit' }), ['2 DL1000']);
});

test('a file without FROM is told of once', () => {
  assert.equal(lines(''), ['1 DL1000']);
  assert.equal(lines('ARG A\n'), ['1 DL1000']);
  assert.equal(lines('RUN a\n'), ['1 DL3061']);
  assert.equal(lines('', { compat: 'hadolint' }), []);
});

test('a heredoc with no empty line behind it is more than hadolint can parse', () => {
  const text = 'FROM a:1\nRUN <<E\nsudo b\nE\n# comment\nUSER root\n';
  assert.equal(lines(text, { compat: 'hadolint' }), ['5 DL1000']);
  assert.equal(lines(text), ['3 DL3004', '6 DL3002', '6 DL3066']);
});

test('what a build takes and hadolint can not parse costs the whole file, there', () => {
  const texts = [
    ...[
      'ADD <<E /a\nE\n',
      'CMD\n',
      'EXPOSE ${P:-80}/tcp\n',
      'EXPOSE 82/$p\n',
      'CMD ["a"] # b\n',
      'RUN --mount=type=bind,from=x a\n',
    ],
    'RUN a \\\n',
  ];
  for (const text of texts) {
    const whole = `FROM a\n${text}`;
    assert.equal(lines(whole, { compat: 'hadolint' }), ['2 DL1000'], text);
    assert.ok(!lines(whole).includes('2 DL1000'), text);
  }
  assert.equal(
    lines('FROM a:1\nRUN --mount=type=cache,target=/b c\nEXPOSE ${P}\n', { compat: 'hadolint' }),
    [],
  );
});

test('a comment right above an instruction leaves rules out, and only there', () => {
  assert.equal(lines('FROM a:1\n# hadolint ignore=DL3004\nRUN sudo b && \\\n  sudo c\nRUN sudo d && e\n'), [
    '5 DL3004',
  ]);
  assert.equal(lines('FROM a:1\n# hadolint ignore=DL3004,DL3001 # why not\nRUN sudo b\n'), []);
  assert.equal(lines('FROM a:1\n# hadolint ignore=DL3004\n\nRUN sudo b\n'), ['4 DL3004']);
  assert.equal(lines('FROM a:1\n# hadolint ignore=DL3004\n# another\nRUN sudo b\n'), ['4 DL3004']);
  assert.equal(lines('FROM a:1\n# hadolint ignore=DL3004, two words\nRUN sudo b\n'), ['3 DL3004']);
  assert.equal(lines('FROM a:1\nRUN b && \\\n# hadolint ignore=DL3004\n  sudo c\n'), ['4 DL3004']);
});

test('rules that say the same are left out together, and by name, too', () => {
  assert.equal(lines('FROM a:1\n# hadolint ignore=DL4000\nMAINTAINER me\n'), []);
  assert.equal(lines('FROM a:1\n# hadolint ignore=MaintainerDeprecated\nMAINTAINER me\n'), []);
  assert.equal(lines('FROM a:1\n# hadolint ignore=NoSudo\nRUN sudo b\n'), []);
});

test('comments for the whole file and for a stage', () => {
  assert.equal(lines('FROM a:1\nRUN sudo b\n# hadolint global ignore=DL3004\n'), []);
  const text = '# hadolint stage ignore=DL3004,DL3006\nFROM a AS x\nRUN sudo b\nFROM c\nRUN sudo d\n';
  assert.equal(lines(text), ['2 DL3006', '4 DL3006', '5 DL3004']);
});

test('comments count for nothing where settings say so', () => {
  assert.equal(lines('FROM a:1\n# hadolint ignore=DL3004\nRUN sudo b\n', { noPragmas: true }), ['3 DL3004']);
});

test("BuildKit's own comments leave out its checks, not those of others", () => {
  assert.equal(lines('# check=skip=all\nFROM a:1\nENV b c\nRUN sudo d\n'), ['4 DL3004']);
  assert.equal(lines('FROM a:1\n# check=skip=LegacyKeyValueFormat\nENV b c\n'), []);
});

test('settings change severities, leave rules out and turn them on', () => {
  const [finding] = lintText('FROM a\n', 'Dockerfile', { severities: { DL3006: 'error' } });
  assert.is(finding?.severity, 'error');
  assert.equal(lines('FROM a\n', { severities: { DL3006: 'off' } }), []);
  assert.equal(lines('FROM a:1\n', { severities: { DL3057: 'style' } }), ['1 DL3057']);
});

test('a RUN with several commands that are wrong has a finding for each; hadolint has one', () => {
  const text = 'FROM a:1\nRUN sudo b && \\\n  sudo c\n';
  assert.equal(lines(text), ['2 DL3004', '3 DL3004']);
  assert.equal(lines(text, { compat: 'hadolint' }), ['2 DL3004']);
});

test('a fix names what to write, and where', () => {
  const [finding] = lintText('FROM a:1\nRUN x && \\\n  apt-get install b=1\n', 'Dockerfile').filter(
    ({ rule }) => rule === 'DL3014',
  );
  const at = { line: 3, column: 18 };
  assert.equal(finding?.fix?.edits, [{ range: { start: at, end: at }, text: ' -y' }]);
});

test('line ends of Windows and a byte order mark change nothing but lines', () => {
  const text = 'FROM a\nRUN b && \\\n  sudo c\nCMD d\n';
  assert.equal(lines(`\ufeff${text.replaceAll('\n', '\r\n')}`), lines(text));
});

test('whatever a text is, every finding has a place in it, and nothing is thrown', () => {
  const parts = [
    ...[
      'FROM a',
      'FROM a AS b',
      'RUN ',
      'COPY --from=$X ',
      'ONBUILD ',
      'USER root',
      'LABEL a=',
      'ENV a=$a b=',
      'SHELL ["',
    ],
    ...[
      '<<EOF',
      '<<-"E"',
      'EOF',
      '\n',
      '\n',
      '\n',
      '\\\n',
      ' | ',
      ' && ',
      '"',
      "'",
      '`',
      '$(',
      '${x',
      '((',
      '[',
      ']',
      '#',
      '\t',
      ' ',
    ],
    ...[
      'apt-get install a',
      'pip install b',
      'cd /x',
      'if a; then',
      'case x in',
      '# hadolint ignore=DL3008',
      '\0',
      'é',
      '\r\n',
    ],
  ];
  const text = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((list) => list.join(''));
  fc.assert(
    fc.property(
      text,
      fc.constantFrom(undefined, 'hadolint' as const, 'buildkit' as const),
      (input, compat) => {
        const count = input.split('\n').length;
        for (const { range, line } of lintText(input, 'Dockerfile', { compat })) {
          const { start, end } = range;
          assert.ok(start.line >= 1 && start.column >= 1 && line >= 1 && end.line <= count);
          assert.ok(end.line > start.line || (end.line === start.line && end.column >= start.column));
        }
      },
    ),
    { seed: 71, numRuns: 600 },
  );
});

test.run();
