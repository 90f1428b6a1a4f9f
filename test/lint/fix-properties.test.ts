// Thousands of generated and spoilt Dockerfiles, linted and mended. SLIPWAY_SEEDS=FROM-TO takes others than the fixed ones.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText, syntaxCode } from '../../src/lint/lint-text.ts';
import { generateMistakes, generateText } from './generate-text.ts';
import { brokenProperties } from './text-properties.ts';

const test = suite('lint/fix-properties');

const [first = 1, last = 60] = (process.env['SLIPWAY_SEEDS'] ?? '1-60').split('-').map(Number);
const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** What is wrong with the first seeds of those for which something is. */
function failures(check: (seed: number) => string[]): string {
  const found: string[] = [];
  for (const seed of seeds) {
    const wrong = check(seed);
    if (wrong.length > 0) found.push(`seed ${seed}: ${wrong.join('\n  ')}`);
  }
  return found.slice(0, 20).join('\n');
}

test('whatever the text is, nothing is thrown, findings lie in it, and mending it ends and changes what it means to', () => {
  assert.is(
    failures((seed) => brokenProperties(generateText(seed))),
    '',
  );
});

test('a mistake costs its instruction: each is told of, and what stands between them is linted', () => {
  const check = (seed: number): string[] => {
    const { text, wrong, found } = generateMistakes(seed);
    const findings = lintText(text, 'Dockerfile', { noPragmas: true });
    const linesOf = (code: string) =>
      new Set(findings.filter(({ rule }) => rule === code).map(({ line }) => line));
    const [told, seen] = [linesOf(syntaxCode), linesOf('DL3004')];
    return [
      ...wrong.filter((line) => !told.has(line)).map((line) => `line ${line} is not told of`),
      ...found.filter((line) => !seen.has(line)).map((line) => `line ${line} is not linted`),
    ].map((one) => `${one} in ${JSON.stringify(text)}`);
  };
  assert.is(failures(check), '');
});

test.run();
