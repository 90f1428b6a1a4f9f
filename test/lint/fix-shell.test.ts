// Mending leaves shell code that a shell can read: bash itself is asked, of all examples, before and after.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixText } from '../../src/lint/fix-text.ts';
import { readLintFile } from '../../src/lint/lint-file.ts';
import { requireFeature } from '../support/require-feature.ts';
import { tempDir } from '../support/temp-dir.ts';
import { dlCases } from './dl-cases.ts';
import { scCases } from './sc-cases.ts';
import { swCases } from './sw-cases.ts';

const test = suite('lint/fix-shell');

const texts = Object.values({ ...dlCases, ...swCases, ...scCases })
  .flatMap(({ hits, clean }) => [...hits.map(([text]) => text), ...clean])
  .map((text) => (/^from /im.test(text) ? text : `FROM a:1\n${text}\n`));

const codesOf = (text: string): string[] => {
  const file = readLintFile(text, 'Dockerfile', {});
  return file.index.shellCodes(file).map(({ script }) => script.source.text);
};

/** Those that bash can't read. */
async function unreadable(codes: ReadonlySet<string>): Promise<Set<string>> {
  await using dir = await tempDir();
  const list = [...codes];
  for (const [index, code] of list.entries()) writeFileSync(dir.file(`${index}`), `${code}\n`);
  const loop = 'for file in *; do bash -n "$file" 2>/dev/null || echo "$file"; done';
  const { stdout } = spawnSync('bash', ['-c', loop], { cwd: dir.path, encoding: 'utf8' });
  return new Set(stdout.split('\n').flatMap((line) => (line === '' ? [] : list[Number(line)]!)));
}

test('code that bash reads is code that bash reads when it is mended', async () => {
  if (!requireFeature('bash', spawnSync('bash', ['-c', ':']).status === 0)) return;
  const pairs = texts.flatMap((text) => {
    const mended = fixText(text, 'Dockerfile', { level: 'all' }).text;
    if (mended === text) return [];
    const before = codesOf(text);
    return [{ text, before, after: codesOf(mended).filter((code) => !before.includes(code)) }];
  });
  const wrong = await unreadable(
    new Set(pairs.flatMap(({ before, after }) => (after.length > 0 ? [...before, ...after] : []))),
  );
  assert.ok(pairs.length > 200);
  for (const { text, before, after } of pairs)
    if (!before.some((code) => wrong.has(code)))
      assert.equal(
        after.filter((code) => wrong.has(code)),
        [],
        text,
      );
});

test.run();
