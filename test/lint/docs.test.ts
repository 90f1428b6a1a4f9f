// Every rule has a page and examples, and the page shows the examples and what is said of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildChecks } from '../../src/lint/rules/index.ts';
import { checkText } from './check-text.ts';

const test = suite('lint/docs');
const top = resolve(import.meta.dirname, '../..');

for (const { name } of buildChecks) {
  test(`${name}: the bad example has this finding alone, the good one none, and the page shows both`, () => {
    const folder = join(top, 'fixtures/lint', name);
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const ignore = existsSync(join(folder, '.dockerignore')) ? read('.dockerignore') : '';
    const bad = read('bad.Dockerfile');
    const good = read('good.Dockerfile');
    const found = checkText(bad, { ignore });
    assert.equal([...new Set(found.map(({ rule }) => rule))], [name]);
    assert.equal(checkText(good, { ignore }), []);

    const page = readFileSync(join(top, 'docs/rules', `${name}.md`), 'utf8');
    const output = found.map(({ rule, message }) => `${rule}: ${message}\n`).join('');
    const parts = [`# ${name}\n`, `## Output\n\n\`\`\`text\n${output}\`\`\`\n`, '## Why\n'];
    parts.push(`## Bad\n\n\`\`\`dockerfile\n${bad}\`\`\`\n`, `## Good\n\n\`\`\`dockerfile\n${good}\`\`\`\n`);
    for (const part of parts) assert.ok(page.includes(part), `the page lacks:\n${part}`);
  });
}

test('there is no page or example without a rule', () => {
  const names = buildChecks.map(({ name }) => name).sort();
  assert.equal(readdirSync(join(top, 'fixtures/lint')).sort(), names);
  assert.equal(
    readdirSync(join(top, 'docs/rules')).sort(),
    names.map((name) => `${name}.md`),
  );
});

test.run();
