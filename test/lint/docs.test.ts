// Every rule has a page and examples, and the page shows the examples and what is said of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText } from '../../src/lint/lint-text.ts';
import { ruleSummaries } from '../../src/lint/rule-summaries.ts';
import { buildChecks } from '../../src/lint/rules/index.ts';
import { checkText } from './check-text.ts';
import { pageSettings, readRulePage, rulesFolder } from './rule-pages.ts';

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

for (const { code, name, severity, description } of ruleSummaries.filter(
  ({ family }) => family !== 'buildkit',
)) {
  test(`${code}: the page tells what the rule is, its bad example is reported and its good one is not`, () => {
    const page = readRulePage(code);
    const lint = (text: string) => lintText(text, 'Dockerfile', pageSettings[code]);
    const found = lint(page.bad).filter(({ rule }) => rule === code);
    assert.is(
      found
        .map(({ rule, message, range: { start }, ...one }) => {
          return `${start.line}:${start.column} ${rule} ${one.severity}: ${message}\n`;
        })
        .join(''),
      page.output,
    );
    assert.ok(found.length > 0);
    assert.equal(
      lint(page.good).filter(({ rule }) => rule === code || rule === 'DL1000'),
      [],
    );
    assert.ok(page.text.startsWith(`# ${code}\n\n\`${name}\`, ${severity}`), 'name and severity');
    assert.ok(page.text.includes(description) && page.text.includes('\n## Why\n'));
  });
}

test('there is no page or example without a rule', () => {
  const checks = buildChecks.map(({ name }) => name).sort();
  assert.equal(readdirSync(join(top, 'fixtures/lint')).sort(), checks);
  assert.equal(readdirSync(rulesFolder).sort(), ruleSummaries.map(({ code }) => `${code}.md`).sort());
});

test.run();
