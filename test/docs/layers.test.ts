// The examples of docs/layers.md run, and its tables tell what there is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command as diff } from '../../src/cli/commands/images/diff.ts';
import { command as layers } from '../../src/cli/commands/images/layers.ts';
import { parseBudgets } from '../../src/inspect/budget.ts';
import { top } from '../support/cli.ts';
import { hasDockerRegistry } from '../support/docker-registry.ts';
import { requireFeature } from '../support/require-feature.ts';
import { runExamples } from '../support/run-examples.ts';

const test = suite('docs/layers.md');
const page = 'docs/layers.md';
const text = readFileSync(join(top, page), 'utf8');

test('every example works and says what the page says that it says', async () => {
  if (!requireFeature('docker-registry', hasDockerRegistry())) return;
  let report = '';
  const results = await runExamples(
    page,
    {
      Dockerfile: 'FROM scratch\nENV A=1\nCOPY a.txt large /app/\nCOPY --chmod=600 a.txt /app/\n',
      'a.txt': 'first\n',
      large: 'x'.repeat(988),
    },
    {
      after(cwd) {
        report = readFileSync(join(cwd, 'layers.json'), 'utf8');
      },
    },
  );
  assert.is(JSON.parse(report).total.wasted, 6);
  const said = results.map(({ stdout }) => stdout).join('\n');
  assert.match(
    said,
    /^app:1 \(linux\/\w+\): 1kB in 2 layers, 2 files; 6B \(0.6 %\) wasted; efficiency 99.4 %$/m,
  );
  assert.match(said, /^LAYER +SIZE +ADDED +OVERWRITTEN +DELETED +WASTED +LINE +INSTRUCTION$/m);
  for (const words of ['too large', 'they differ', '~ /app/a.txt   content, size 6B → 11B', '+more'])
    assert.ok(said.includes(words), words);
});

test('its budgets and flags are there', () => {
  const budgets = [...text.matchAll(/^\| `(\w+=.*?)` \|/gm)].flatMap(([, cell]) => cell!.split('`, `'));
  assert.is(budgets.length, 8);
  for (const budget of budgets) assert.is(parseBudgets(budget).length, 1);
  const flags = new Set([...layers.flags, ...diff.flags].map(({ name }) => name));
  for (const [, name] of text.matchAll(/`--([a-z-]+)/g))
    if (name !== 'format') assert.ok(flags.has(name!), name);
});

test.run();
