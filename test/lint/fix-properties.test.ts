// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// What holds of mending whatever the text is: it ends, nothing is left to mend, and what it does not mean to change stays.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expandWord } from '../../src/dockerfile/expand.ts';
import type { Instruction } from '../../src/dockerfile/instruction.ts';
import { parseTolerant } from '../../src/dockerfile/parse-tolerant.ts';
import { type FixLevel, fixText, isWanted } from '../../src/lint/fix-text.ts';
import { syntaxCode } from '../../src/lint/lint-text.ts';
import { dlCases } from './dl-cases.ts';
import { swCases } from './sw-cases.ts';

const test = suite('lint/fix-properties');

const lines = [
  ...Object.values({ ...dlCases, ...swCases }).flatMap(({ hits, clean }) => [
    ...hits.map(([text]) => text),
    ...clean,
  ]),
  ...[
    'env a b c',
    'LABEL k \'v w\' "x" y',
    'ENV a ${b:-c d} e',
    'maintainer "a" $b',
    'expose 80/TCP 1:2/Udp',
    'cmd a \\\n # c\n b',
  ],
  ...[
    'RUN a \\\n\n\n b',
    'from a:1 AS X',
    'FROM x As y',
    'COPY --from=X a b c',
    'WORKDIR a/../b',
    '# c',
    '',
    '  ',
  ],
  ...[
    'ENTRYPOINT exec a',
    'HEALTHCHECK CMD a b',
    'ADD a b',
    'ONBUILD run apk add a',
    'USER root',
    'RUN <<E\na\nb\nE',
  ],
];

const text = fc
  .record({
    first: fc.constantFrom('', '# escape=`\n', '\ufeff', '# check=skip=DL4000\n', 'ARG A=1\n'),
    parts: fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 7 }),
    eol: fc.constantFrom('\n', '\n', '\r\n'),
    isEnded: fc.boolean(),
    cut: fc.option(
      fc.tuple(fc.nat(400), fc.nat(4), fc.constantFrom('', '"', "'", '\\', ' ', '\n', '$', '{', '\t', 'é')),
    ),
  })
  .map(({ first, parts, eol, isEnded, cut }) => {
    let whole = `${first}FROM a:1\n${parts.join('\n')}${isEnded ? '\n' : ''}`;
    if (cut !== null) whole = whole.slice(0, cut[0]) + cut[2] + whole.slice(cut[0] + cut[1]);
    return whole.replace(/\n/g, eol);
  });

/** What a safe fix leaves of an instruction. */
function meaning(instruction: Instruction, sign: '\\' | '`'): string {
  const value = (word: string) => {
    try {
      return expandWord(word, (name) => `<${name}>`, { escape: sign });
    } catch {
      return word;
    }
  };
  switch (instruction.keyword) {
    case 'MAINTAINER':
      return `LABEL ${instruction.value.replace(/^"([^"]*)"$/, '$1')}`;
    case 'LABEL':
      if (instruction.pairs[0]!.key === 'org.opencontainers.image.authors')
        return `LABEL ${value(instruction.pairs[0]!.value)}`;
      return `LABEL ${JSON.stringify(instruction.pairs.map((pair) => [value(pair.key), value(pair.value)]))}`;
    case 'ENV':
      return `ENV ${JSON.stringify(instruction.pairs.map((pair) => [value(pair.key), value(pair.value)]))}`;
    case 'FROM':
      return `FROM ${instruction.image.toLowerCase()} ${instruction.name}`;
    case 'ADD':
    case 'COPY':
      return `COPY ${instruction.sources} ${instruction.from?.toLowerCase()} ${instruction.chown}`;
    case 'RUN':
    case 'ONBUILD':
    case 'CMD':
    case 'ENTRYPOINT':
    case 'HEALTHCHECK':
    case 'EXPOSE':
    case 'WORKDIR':
      return instruction.keyword;
    default:
      return instruction.keyword + instruction.text.slice(instruction.written.length).trim();
  }
}

const meanings = (whole: string) => {
  const { dockerfile } = parseTolerant(whole, 'Dockerfile');
  return dockerfile.instructions.map((instruction) => meaning(instruction, dockerfile.escape));
};
const comments = (whole: string) => whole.match(/^[ \t]*#.*$/gm) ?? [];

for (const level of ['safe', 'all'] as const satisfies readonly FixLevel[]) {
  test(`${level}: nothing is left to mend, mending again changes nothing, and the text parses as well as before`, () => {
    fc.assert(
      fc.property(text, (whole) => {
        const { text: mended, before, findings } = fixText(whole, 'Dockerfile', { level });
        assert.equal(
          findings.filter(({ fix }) => isWanted(fix, level)).map(({ rule }) => rule),
          [],
        );
        assert.is(fixText(mended, 'Dockerfile', { level }).text, mended);
        const errors = (list: typeof findings) => list.filter(({ rule }) => rule === syntaxCode).length;
        assert.ok(errors(findings) <= errors([...before]));
        if (!/(?<!\r)\n/.test(whole) && whole.includes('\n')) assert.not.match(mended, /(?<!\r)\n/);
      }),
      { seed: 7, numRuns: 40 },
    );
  });
}

test('safe: the instructions mean what they meant, and every comment stays', () => {
  fc.assert(
    fc.property(text, (whole) => {
      const mended = fixText(whole, 'Dockerfile', { level: 'safe' }).text;
      assert.equal(meanings(mended), meanings(whole));
      assert.equal(comments(mended), comments(whole));
    }),
    { seed: 11, numRuns: 60 },
  );
});

test.run();
