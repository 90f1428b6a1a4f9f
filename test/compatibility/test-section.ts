// Makes a suite of a section: one test for each row. Cases run a few at once, ahead of the tests that report them.
import { suite } from 'uvu';
import type { Bench } from './bench.ts';
import { openBench } from './bench.ts';
import { expectOutcome } from './expect-outcome.ts';
import { haveFeatures } from './features.ts';
import { readRefusals } from './refusals.ts';
import type { Row, Section } from './row.ts';
import { runProbe } from './run-case.ts';

/** Cases that wait for child processes leave this process idle. */
const atOnce = 4;

export function testSection(section: Section): void {
  const test = suite(`compatibility: ${section.title}`);
  const rows = section.rows.filter(
    (row) => 'probes' in row && haveFeatures(row.probes.flatMap((one) => one.needs ?? [])),
  );
  let started: Promise<{ bench: Bench; results: Map<Row, Promise<void>> }> | undefined;
  const start = async () => {
    const bench = await openBench();
    return { bench, results: startRows(rows, bench) };
  };
  for (const row of rows) {
    test(`${row.slug}: ${row.status}`, async () => {
      started ??= start();
      await (await started).results.get(row);
    });
  }
  test.after(async () => {
    if (!started) return;
    const { bench, results } = await started;
    await Promise.allSettled(results.values());
    await bench[Symbol.asyncDispose]();
  });
  test.run();
}

function startRows(rows: readonly Row[], bench: Bench): Map<Row, Promise<void>> {
  const results = new Map<Row, Promise<void>>();
  const lanes: Promise<unknown>[] = Array.from({ length: atOnce }, () => Promise.resolve());
  for (const [position, row] of rows.entries()) {
    const result = lanes[position % atOnce]!.then(() => runRow(row, bench));
    lanes[position % atOnce] = result.catch(() => {});
    // The row's own test reports it, which may come later.
    result.catch(() => {});
    results.set(row, result);
  }
  return results;
}

const known = readRefusals();

async function runRow(row: Row, bench: Bench): Promise<void> {
  const refusals = [...(known[row.slug] ?? [])];
  for (const probe of 'probes' in row ? row.probes : []) {
    const outcome = await runProbe(probe, bench);
    await expectOutcome(outcome, probe, probe.refused ? refusals.shift() : undefined);
  }
}
