// The figures of a report against sums made here, in another way, of nothing but what each build says of itself.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReplayResult } from '../../src/replay/replay-result.ts';
import { htmlReport } from '../../src/replay-report/html/document.ts';
import { imageTable } from '../../src/replay-report/image-table.ts';
import { lossesOf } from '../../src/replay-report/losses.ts';
import { markdownReport } from '../../src/replay-report/markdown.ts';
import { variantsTable } from '../../src/replay-report/report-table.ts';
import { stepRows } from '../../src/replay-report/step-rows.ts';
import { terminalReport } from '../../src/replay-report/terminal.ts';
import { stepTotals, totalsOf } from '../../src/replay-report/totals.ts';
import { hostileReplay } from '../support/hostile-replay.ts';
import { madeLayers } from '../support/made-layers.ts';
import { madeReplay } from '../support/made-replay.ts';

const test = suite('replay report: figures');

const near = (one: number, other: number): void =>
  assert.ok(Math.abs(one - other) < 1e-6 * Math.max(1, Math.abs(other)), `${one} is not ${other}`);

/** As a program reads the document: nothing but what JSON keeps. */
const read = (result: ReplayResult): ReplayResult => JSON.parse(JSON.stringify(result));

for (const seed of [1, 2, 3]) {
  test(`sums of all figures are those of the builds: history ${seed}`, () => {
    for (const variant of read(madeReplay({ seed, commits: 40 })).variants) {
      const totals = totalsOf(variant);
      const rebuilds = variant.builds.filter((_, at) => at > 0);
      let [hits, misses, ran, saved, wall, whole, written] = [0, 0, 0, 0, 0, 0, 0];
      for (const build of rebuilds) {
        hits += build.hits;
        misses += build.misses;
        ran += build.stepSeconds.ran;
        saved += build.stepSeconds.saved;
        wall += build.seconds ?? 0;
        written += build.bytes.written;
        if (build.misses === 0) whole++;
      }
      assert.equal([totals.hits, totals.misses, totals.whole], [hits, misses, whole]);
      assert.is(totals.rebuilds, variant.builds.length - 1);
      assert.is(totals.bytes.written, written);
      near(totals.seconds.sum, wall);
      near(totals.ran, ran);
      near(totals.saved, saved);
      const losses = lossesOf(variant);
      near(losses.seconds, ran);
      near(
        losses.causes.reduce((sum, { seconds }) => sum + seconds, 0),
        ran,
      );
      // In these histories nothing but files breaks the cache.
      near(
        losses.files.reduce((sum, { seconds }) => sum + seconds, 0),
        ran,
      );
      const rows = stepTotals(variant);
      near(
        rows.reduce((sum, row) => sum + row.ran, 0),
        ran,
      );
      assert.is(
        rows.reduce((sum, row) => sum + row.hits, 0),
        hits,
      );
    }
  });

  test(`what a file cost is what ran because of it: history ${seed}`, () => {
    for (const variant of read(madeReplay({ seed, commits: 40 })).variants) {
      const { files } = lossesOf(variant);
      const costs = new Map<string, number>();
      const alone = new Map<string, number>();
      for (const { steps } of variant.builds.slice(1))
        for (const step of steps) {
          if (step.outcome !== 'ran' || step.seconds === null || !('ran' in step.seconds)) continue;
          const paths = steps[step.root!]!.causes.flatMap((cause) =>
            cause.kind === 'file' ? cause.path : [],
          );
          for (const path of paths) costs.set(path, (costs.get(path) ?? 0) + step.seconds.ran / paths.length);
          if (paths.length === 1) alone.set(paths[0]!, (alone.get(paths[0]!) ?? 0) + step.seconds.ran);
        }
      assert.is(files.length, costs.size);
      for (const loss of files) {
        near(loss.seconds, costs.get(loss.path)!);
        near(loss.alone, alone.get(loss.path) ?? 0);
      }
      assert.equal(
        files.map(({ seconds }) => seconds),
        [...costs.values()].sort((a, b) => b - a).map((_, at) => files[at]!.seconds),
      );
      for (const [at, { seconds }] of files.entries())
        assert.ok(at === 0 || seconds <= files[at - 1]!.seconds);
    }
  });
}

test('the first build fills the caches and counts in no figure', () => {
  const [variant] = madeReplay({ commits: 1 }).variants;
  const totals = totalsOf(variant!);
  assert.equal([totals.rebuilds, totals.misses, totals.seconds.sum, totals.rate], [0, 0, 0, undefined]);
  assert.equal(lossesOf(variant!).causes, []);
});

test('a step keeps its row when lines move, and a new one gets its own behind what it follows', () => {
  const [variant] = madeReplay({ commits: 3 }).variants;
  const [one, two] = variant!.builds;
  const moved = two!.steps.map((step) => ({
    ...step,
    name: step.name.replace(/^\[\d+\/\d+\]/, '[9/9]'),
    lines: [step.lines[0] + 7, step.lines[1] + 7] as [number, number],
  }));
  const added = {
    ...moved[2]!,
    name: '[9/9] RUN echo new',
    step: moved.length,
    lines: [9, 9] as [number, number],
  };
  const rows = stepRows([one!, { steps: [...moved, { ...added, lines: [moved[2]!.lines[0], 0] }] }]);
  assert.is(rows.length, one!.steps.length + 1);
  const place = rows.findIndex(({ name }) => name === 'RUN echo new');
  assert.is(rows[place - 1]!.name, one!.steps[2]!.name.replace(/^\[[^\]]*\] /, ''));
  assert.is(rows[place]!.cells[0], undefined);
  for (const { name, cells } of rows.filter((_, at) => at !== place)) assert.ok(cells[0] && cells[1], name);
});

test('two variants are compared with the first one', () => {
  const result = madeReplay();
  const { head, rows } = variantsTable(result);
  assert.equal(head, ['', 'Dockerfile.all-first', 'Dockerfile']);
  const [first, second] = result.variants.map((variant) => totalsOf(variant).seconds.sum);
  const percent = Math.round((1 - second! / first!) * 100);
  assert.ok(percent > 50);
  assert.match(rows[0]![2]!.text, `(−${percent} %)`);
  assert.match(markdownReport(result), `(−${percent} %)`);
});

test('what others wrote neither steers a terminal nor formats Markdown', () => {
  const result = hostileReplay();
  const lines = terminalReport(result);
  for (const line of lines) assert.not.match(line, /[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  const markdown = markdownReport(result);
  assert.not.match(markdown, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  for (const line of markdown.split('\n').filter((one) => one.startsWith('|'))) {
    // Outside of code no markup is left, and a bar ends a cell.
    const bare = line.replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, '');
    assert.not.match(bare, /<|@|\]\(/);
  }
  const widths = new Set(
    markdown
      .split('\n\n')
      .filter((part) => part.startsWith('|'))
      .flatMap((part) => {
        const counts = part
          .trimEnd()
          .split('\n')
          .map((line) => line.split(/(?<!\\)\|/).length);
        return new Set(counts).size;
      }),
  );
  assert.equal([...widths], [1]);
});

test('of each image there are its size, what it wastes, and what would save most', () => {
  const result = madeReplay({ commits: 3 });
  const [first, second] = result.variants;
  const { layers } = first!;
  const table = imageTable(layers!);
  assert.equal(
    table.rows.map((row) => row.slice(0, 3).map(({ text }) => text)),
    [
      ['FROM docker.io/library/node:20', 'base', '0 B'],
      ['RUN apt-get update && apt-get install -y --no-install-recommends git ca-certificates', '2', '51 MB'],
      ['WORKDIR /app', '3', '1.0 kB'],
      ['COPY . .', '4', '2.4 MB'],
      ['RUN npm ci', '5', '84 MB'],
      ['RUN npm run build', '6', '3.1 MB'],
    ],
  );
  assert.equal([table.rows[4]![2]!.share, table.rows[4]![6]!.share], [1, 0.25]);
  assert.equal(
    table.rows[3]!.slice(3).map(({ text }) => text),
    ['4 files, 2.4 MB', '1 file, 10 B', '–', '600 kB'],
  );
  const size = '141 MB in 6 layers, 321 files; 35 MB (25 %) wasted';
  const hint = '1.2 MB less: package lists that RUN apt-get update left are deleted later';
  const lines = terminalReport(result);
  const at = lines.indexOf('What the image holds of Dockerfile.all-first');
  assert.equal(lines.slice(at + 1, at + 3), [`  ${size}`, `  ${hint}`]);
  const markdown = markdownReport(result);
  assert.match(markdown, '### What the image holds\n\n- `Dockerfile.all-first`: 141 MB in 6 layers');
  assert.match(markdown, `\n  - ${hint}\n- \`Dockerfile\`: `);
  delete first!.layers;
  delete second!.layers;
  for (const text of [terminalReport(result).join('\n'), markdownReport(result), htmlReport(result)])
    assert.not.match(text, 'What the image holds');
});

test('where no time is known, none is told', () => {
  const result = madeReplay({ commits: 20 });
  result.settings.dry = true;
  for (const { builds } of result.variants)
    for (const build of builds) {
      build.seconds = null;
      build.bytes = { written: 0, pulled: 0, pushed: 0 };
      for (const step of build.steps) step.seconds = null;
    }
  const [text, markdown] = [terminalReport(result).join('\n'), markdownReport(result)];
  assert.match(text, /time foretold, in all +unknown +unknown\n/);
  assert.match(text, /files of COPY \. \. +unknown +– /);
  assert.match(markdown, 'rebuilds, of unknown time: **');
  // A step that always hit ran for 0 s indeed.
  for (const line of text.split('\n').filter((one) => /^ {2}(?:time|longest|saved|files of|src)/.test(one)))
    assert.match(line, 'unknown');
  assert.match(text, /RUN npm ci .* unknown /);
  const page = htmlReport(result);
  assert.match(page, '<dd>unknown</dd>');
  assert.not.match(page, /as long as|id="time-0"|below 0 s/);

  // A rebuild in which nothing is to run takes no time; that tells nothing of the others.
  result.variants[0]!.builds[2]!.seconds = 0;
  assert.match(terminalReport(result).join('\n'), /time foretold, in all +unknown +unknown\n/);
  // What is known is added up.
  result.variants[0]!.builds[1]!.seconds = 2;
  assert.match(terminalReport(result).join('\n'), /time foretold, in all +2\.0 s +unknown\n/);
});

test('an image of nothing is no division by it', () => {
  const result = madeReplay({ commits: 2 });
  for (const variant of result.variants) variant.layers = madeLayers([]);
  for (const text of [terminalReport(result).join('\n'), markdownReport(result), htmlReport(result)]) {
    assert.match(text, '0 B in 0 layers');
    assert.not.match(text, /NaN|undefined|Infinity/);
  }
});

test('a builder that tells nothing of its steps is compared by time', () => {
  const result = madeReplay({ commits: 5 });
  for (const { builds } of result.variants)
    for (const build of builds)
      Object.assign(build, {
        steps: [],
        hits: 0,
        misses: 0,
        stepSeconds: { ran: 0, saved: 0 },
        bytes: { written: 0, pulled: 0, pushed: 0 },
      });
  const text = terminalReport(result).join('\n');
  assert.match(text, 'time in all');
  assert.not.match(text, /hit|NaN|undefined|Infinity/);
  assert.not.match(markdownReport(result), /hit the cache|NaN|undefined/);
});

test.run();
