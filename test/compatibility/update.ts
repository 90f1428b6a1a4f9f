// Asks the program for the errors of all refused cases, and writes refusals.json and docs/compatibility.md anew.
import { writeFileSync } from 'node:fs';
import { SlipwayError } from '../../src/errors.ts';
import { openBench } from './bench.ts';
import { documentPath } from './document-path.ts';
import { type Refusals, refusalOf, refusalsPath, refusedProbes } from './refusals.ts';
import { renderDocument } from './render.ts';
import { runProbe } from './run-case.ts';
import { sections } from './sections.ts';

const refusals: Refusals = {};
const bench = await openBench();
for (const row of sections.flatMap((section) => section.rows)) {
  for (const probe of refusedProbes(row)) {
    const { error, stderr } = await runProbe(probe, bench);
    if (!(error instanceof SlipwayError) || error.hint === undefined)
      throw new Error(`${row.slug} is not refused with a hint:\n${stderr}`);
    refusals[row.slug] = [...(refusals[row.slug] ?? []), refusalOf(probe, error)];
  }
}
await bench[Symbol.asyncDispose]();
writeFileSync(refusalsPath, `${JSON.stringify(refusals, undefined, 2)}\n`);
writeFileSync(documentPath, renderDocument(sections, refusals));
