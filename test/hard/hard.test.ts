// The sections in their bounded form.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { requireFeature } from '../support/require-feature.ts';
import { findSections, runSection, type SectionRun } from './run-section.ts';
import { hardTable } from './table.ts';

const test = suite('hard');

for (const section of await findSections()) {
  test(`${section.name}: ${section.what}`, async () => {
    const { signal } = new AbortController();
    const run = await runSection(section, { attempts: section.bounded, seed: 1, signal, report() {} });
    if (run.missing !== undefined && !requireFeature(run.missing, false)) return;
    assert.is(run.failures.length, 0, hardTable([run]));
    assert.ok(run.attempts > 0, 'nothing was tried');
  });
}

test('a section that throws has failed, and a table tells how to see it again', async () => {
  const { signal } = new AbortController();
  const section = {
    ...{ name: 'broken', what: 'nothing', bounded: 1, full: 1 },
    run: () => Promise.reject(new Error('it fell over')),
  };
  const run = await runSection(section, { attempts: 1, seed: 7, signal, report() {} });
  const table = hardTable([run]);
  assert.match(table, 'it fell over');
  assert.match(table, 'npm run test:hard -- broken --seed=7');
});

test('a table adds up', () => {
  const run: SectionRun = { name: 'one', what: 'holds', attempts: 3, failures: [], seconds: 1.25 };
  const lines = hardTable([run, { ...run, name: 'other', attempts: 40 }]).split('\n');
  assert.equal(lines, [
    'section  attempts  failures  seconds',
    'one             3         0      1.3  holds',
    'other          40         0      1.3  holds',
    'all            43         0      2.5',
  ]);
});

test.run();
