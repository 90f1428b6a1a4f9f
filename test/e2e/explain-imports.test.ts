// A machine that has built nothing yet, with a shared cache: what is said of its misses, also later and without that cache.
import { readFileSync, rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport } from '../../src/index.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e explain imports');

const dockerfile = `FROM base AS build
COPY src /src
RUN cat /src/a.txt > /out
FROM base
ARG MODE=fast
RUN echo $MODE > /mode
COPY --from=build /out /out
`;

interface Told {
  misses: Record<number, string[]>;
  report: CacheReport;
}

async function onNewMachine(bench: Workbench, name: string, flags: readonly string[]): Promise<Told> {
  const file = bench.file('report.json');
  await bench.build([`--cache-report=${file}`, ...flags], { root: bench.file(name) });
  const report = JSON.parse(readFileSync(file, 'utf8')) as CacheReport;
  const misses = report.steps.filter(({ outcome }) => outcome === 'ran');
  return { report, misses: Object.fromEntries(misses.map(({ lines, reasons }) => [lines[0], reasons])) };
}

test('misses are explained by the key trees that travel with the cache, and again when it is gone', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: dockerfile, 'src/a.txt': 'a\n', 'src/b.txt': 'b\n' });
  const cache = bench.file('cache');
  await bench.build([`--cache-to=type=local,dest=${cache},mode=max`]);
  const from = `--cache-from=type=local,src=${cache}`;
  const same = await onNewMachine(bench, 'same', [from]);
  assert.equal(same.misses, {});
  assert.ok(same.report.steps.every(({ outcome, sources }) => outcome !== 'hit' || sources[0] === cache));
  await bench.write({
    Dockerfile: dockerfile
      .replace('MODE=fast', 'MODE=slow')
      .replace('FROM base AS build', '# moved\nFROM base AS build'),
    'src/b.txt': 'B\n',
  });
  const { misses, report } = await onNewMachine(bench, 'other', [from]);
  assert.equal(misses, {
    3: ['b.txt has other content'],
    4: ['b.txt has other content'],
    7: ['ARG MODE has another value'],
    8: ['ARG MODE has another value'],
  });
  assert.is(report.earlier, null);
  assert.is(report.comparedWith, cache);
  assert.equal(
    report.caches.map(({ name, answer }) => [name, answer]),
    [[cache, 'read']],
  );
  rmSync(cache, { recursive: true });
  const later = await bench.slipway(['explain', 'COPY src'], {
    root: bench.file('other'),
    cwd: bench.context,
  });
  assert.match(later.stdout, `against what ${cache} had`);
  assert.match(later.stdout, 'b.txt has other content');
});

test('a cache that knows a result and has not its layer, and one that is missing', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: dockerfile, 'src/a.txt': 'a\n' });
  const cache = bench.file('cache');
  await bench.build([`--cache-to=type=local,dest=${cache},mode=min`]);
  const flags = [`--cache-from=type=local,src=${cache}`, `--cache-from=type=local,src=${bench.file('none')}`];
  const { misses, report } = await onNewMachine(bench, 'whole', [...flags, '--target=build']);
  const lost = `nothing changed, but ${cache} has not its layer: --cache-to with mode=max exports those of all steps`;
  assert.equal(misses, { 2: [lost], 3: [lost] });
  assert.equal(report.caches.map(({ answer }) => answer).sort(), ['missing', 'read']);
  const { stdout } = await bench.slipway(['explain'], { root: bench.file('whole'), cwd: bench.context });
  assert.match(stdout, `asked ${cache}: it knows `);
  assert.match(stdout, `asked ${bench.file('none')}: there is no such cache`);
});

test.run();
