// Statistics, judgement and reports of the benchmark, over results that are made up.
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judge } from '../../bench/aims.ts';
import { countRan, MARK } from '../../bench/check/count-ran.ts';
import { treeDigest } from '../../bench/check/tree-digest.ts';
import { parseFlags } from '../../bench/flags.ts';
import { htmlReport } from '../../bench/report/html.ts';
import { writeReadme } from '../../bench/report/readme.ts';
import type { BenchResult, SubjectResult } from '../../bench/result.ts';
import { fitLine, median } from '../../bench/statistics.ts';
import { runCommand } from '../support/run-command.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('bench report');

function subject(name: string, times: readonly number[], more: Partial<SubjectResult> = {}): SubjectResult {
  const samples = times.map((ms) => ({ ms, cpuMs: ms / 2, rss: 50e6, daemonRss: 0 }));
  return { name, isPeer: !name.startsWith('slipway'), version: '1', notes: [], samples, ...more };
}

function result(subjects: SubjectResult[]): BenchResult {
  const machine = {
    cpu: 'a <fast> one',
    cores: 2,
    memoryGB: 8,
    kernel: '6',
    system: 'Debian',
    node: 'v20',
    disk: 'ext4',
  };
  const scenario = {
    name: 'rebuild',
    title: 'rebuild & more',
    what: 'what',
    load: [0, 0] as [number, number],
    subjects,
  };
  return {
    ...{ date: '2026-01-02T00:00:00Z', samples: 3, quick: false, missing: [], extraCertificates: false },
    ...{ machine, scenarios: [scenario] },
  };
}

test('the median of an even number of values lies between the two in the middle', () => {
  assert.is(median([9, 1, 3]), 3);
  assert.is(median([4, 1, 2, 9]), 3);
});

test('a line through points of a line is that line', () => {
  const { fixed, each } = fitLine([1000, 10_000, 100_000].map((x) => ({ x, y: 25 + 0.003 * x })))!;
  assert.ok(Math.abs(fixed - 25) < 1e-6 && Math.abs(each - 0.003) < 1e-9, `${fixed} ${each}`);
  assert.is(fitLine([{ x: 5, y: 1 }]), undefined);
});

test('an aim is judged against the peer of the run, and against the newest BuildKit’s figure', () => {
  const judged = judge(
    result([subject('slipway', [100, 90, 110]), subject('buildkit (docker 1)', [300, 300, 500])]),
  );
  assert.equal(
    judged.map(({ value, against, met }) => [value, against?.value, met]),
    [
      [100, 300, false],
      [100, 260, false],
    ],
  );
});

test('a time of a wrong result is judged by nothing', () => {
  assert.equal(judge(result([subject('slipway', [1], { failed: 'files differ' })])), []);
});

test('the mark of a step counts where it was printed, not where it was told', () => {
  const told = `#5 [2/3] RUN ${MARK} && echo 1 > /x\nSTEP 2/4: RUN ${MARK}\n#5 0.064 step-ran\nstep-ran\n#6 CACHED\n`;
  assert.is(countRan(told), 2);
});

test('the digest of a tree tells names, content and modes apart, and does not know times', async () => {
  await using dir = await tempDir();
  const change = async (script: string): Promise<string> => {
    await runCommand(['sh', '-c', script], { cwd: dir.path });
    return (await treeDigest(dir.path)).digest;
  };
  const first = await change('mkdir d; echo 1 > d/a; ln -s a d/l; chmod 644 d/a');
  assert.is(await change('touch -d 2001-01-01 d/a'), first);
  const others = [
    await change('chmod 600 d/a'),
    await change('echo 2 > d/a'),
    await change('mv d/a d/b'),
    await change('ln -sf b d/l'),
    await change('mkdir d/e'),
  ];
  assert.is(new Set([first, ...others]).size, 6);
});

test('the page says in words what the plot shows, and loads nothing', () => {
  const page = htmlReport(result([subject('slipway', [100, 90]), subject('buildah', [2000, 2100])]));
  assert.match(page, /<desc[^>]*>slipway 95\.0 ms, buildah 2\.05 s<\/desc>/);
  assert.match(page, /a &lt;fast&gt; one/);
  assert.not.match(page, /(src|href)=|@import|url\(/);
});

test('figures are written between the marks, and the rest of the text stays', async () => {
  await using dir = await tempDir();
  const path = dir.file('README.md');
  writeFileSync(path, 'above\n<!-- figures: written by --readme -->\nold\n<!-- end of figures -->\nbelow\n');
  writeReadme(path, result([subject('slipway', [100]), subject('buildah', [2000])]));
  const text = readFileSync(path, 'utf8');
  assert.ok(
    text.startsWith('above\n<!-- figures') && text.endsWith('<!-- end of figures -->\nbelow\n'),
    text,
  );
  assert.match(text, /\| slipway \| 100 ms \| 0\.05 \|/);
  assert.not.match(text, /old/);
  writeFileSync(path, 'no marks');
  assert.throws(() => writeReadme(path, result([])), /lacks the marks/);
});

test('an unknown flag and a number that is none are errors', () => {
  assert.throws(() => parseFlags(['--sample=3']));
  assert.throws(() => parseFlags(['--samples=many']), /must be a number/);
  assert.equal(parseFlags(['--quick', 'runs']).samples, 1);
  assert.equal(parseFlags(['--peers=']).peers, []);
});

test.run();
