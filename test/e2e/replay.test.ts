// Replays of a made-up history: what is foretold is what happens, what is stopped goes on, and nothing of the user's is touched.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LayersReport, ReplayBuild, ReplayResult, ReportedStep } from '../../src/index.ts';
import { startSlipway } from '../support/cli.ts';
import { makeNodeHistory, type NodeHistoryOptions } from '../support/node-history.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('replay');

/** A workbench whose context is a repository. */
async function history(options: Partial<NodeHistoryOptions> = {}): Promise<Workbench> {
  const bench = await workbench();
  const sleep = { install: 0.05, build: 0.02 };
  await makeNodeHistory(bench.context, { commits: 60, seed: 7, sleep, ...options });
  return bench;
}

async function replay(bench: Workbench, flags: readonly string[]): Promise<ReplayResult> {
  const result = await bench.slipway(['bench', bench.base.flag, '--json=-', ...flags, bench.context]);
  assert.is(result.code, 0, result.stderr);
  return JSON.parse(result.stdout) as ReplayResult;
}

const isMiss = ({ outcome }: ReportedStep): boolean => ['ran', 'failed', 'canceled'].includes(outcome);

const outcomes = ({ variants }: ReplayResult): unknown =>
  variants.map(({ name, builds }) => [
    name,
    ...builds.map(({ change, steps }) => [
      change.type === 'commit' ? change.id : change.text,
      ...steps.map(({ name, outcome }) => `${outcome} ${name}`),
    ]),
  ]);

const gitState = (folder: string): string =>
  execFileSync(
    'sh',
    ['-c', 'find . | sort; find .git -type f ! -name index | sort | xargs sha256sum; git status --short'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );

if (requireWorkbench()) {
  test('what --dry foretells is what happens, and neither repository nor state folder are touched', async () => {
    await using bench = await history();
    const before = gitState(bench.context);
    const real = await replay(bench, ['--commits=main~5..main']);
    assert.is(gitState(bench.context), before);
    assert.not.ok(existsSync(bench.root));
    const dry = await replay(bench, ['--commits=main~5..main', '--dry']);
    assert.equal(outcomes(dry), outcomes(real));
    assert.not.ok(existsSync(bench.root));

    const [variant] = real.variants;
    assert.is(variant?.builds.length, 5);
    for (const build of variant!.builds) {
      assert.is(build.outcome, 'done');
      assert.ok(build.seconds! > 0 && build.cpu! > 0 && build.peakMemory! > 10e6);
      checkSums(build);
    }
    assert.ok(variant!.builds.some(({ misses }) => misses === 0));
    assert.match(variant!.dockerfile, /^FROM base AS deps/);
    for (const build of dry.variants[0]!.builds) assert.is(build.outcome, 'foretold');
  });

  test('60 commits and two Dockerfiles at once: each miss is one that the files of the commit explain', async () => {
    await using bench = await history();
    const other = join(bench.context, 'all-first.Dockerfile');
    const { variants, planned } = await replay(bench, ['--commits=main', '--dry', `--variant=${other}`]);
    assert.is(planned, 60);
    const misses = variants.map(({ builds }) => builds.reduce((sum, build) => sum + build.misses, 0));
    assert.ok(misses[0]! < misses[1]!, misses.join());
    const touches = (build: ReplayBuild, form: RegExp): boolean =>
      build.change.files.some((file) => form.test(file));
    const expected: [RegExp, RegExp][][] = [
      [
        [/RUN .*node_modules/, /^package/],
        [/RUN .*dist/, /^(?:package|src)/],
        [/COPY --from=deps/, /^package/],
        [/COPY --from=build/, /^(?:package|src)/],
      ],
      [[/RUN /, /^(?:package|src|test)/]],
    ];
    for (const [at, { builds }] of variants.entries()) {
      for (const build of builds.slice(1)) {
        checkSums(build);
        for (const [step, files] of expected[at]!) {
          const found = build.steps.filter(({ name }) => step.test(name));
          assert.ok(found.length > 0);
          for (const one of found)
            assert.is(isMiss(one), touches(build, files), `${one.name}: ${build.change.files.join()}`);
        }
      }
    }
    // All were foretold from what each commit changed, and the reasons name it.
    const reasons = variants[0]!.builds
      .slice(1)
      .flatMap(({ steps }) => steps.filter(isMiss).flatMap((one) => one.reasons));
    assert.ok(
      reasons.length > 0 && reasons.every((reason) => /has other content/.test(reason)),
      reasons.join('\n'),
    );
  });

  test('edits of a copy, each with its rebuild', async () => {
    await using bench = await history({ commits: 1 });
    await bench.write({
      '../edits.txt': `touch src/db.js
modify src/db.js
add docs/new.md && add docs/other.md "words"
chmod 0755 package.json && rename src/db.js src/database.js
delete src/log.js
`,
    });
    const before = gitState(bench.context);
    const flags = [`--edits=${bench.file('edits.txt')}`];
    const times = `--times=${bench.file('real.json')}`;
    const real = await replay(bench, flags);
    await writeFile(bench.file('real.json'), JSON.stringify(real));
    const dry = await replay(bench, [...flags, '--dry', times]);
    assert.is(gitState(bench.context), before);
    assert.equal(outcomes(dry), outcomes(real));
    const { builds } = real.variants[0]!;
    assert.equal(
      builds.map(({ misses }) => misses),
      [9, 0, 4, 0, 5, 4],
    );
    const [moved] = builds[4]!.steps.filter(isMiss);
    assert.equal(moved?.reasons, ['package.json: mode 0644 → 0755']);
  });

  test('a replay that is stopped tells what is done, and goes on from there', async () => {
    await using bench = await history();
    const flags = [bench.base.flag, '--commits=main~4..main', `--out=${bench.file('out')}`];
    const child = startSlipway(['bench', ...flags, bench.context], { root: bench.root, cwd: bench.path });
    let said = '';
    child.stdout!.resume();
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('[2/4]')) child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    assert.is(code, 130, said);
    const kept = JSON.parse(readFileSync(bench.file('out/replay.json'), 'utf8')) as ReplayResult;
    const done = kept.variants[0]!.builds.length;
    assert.ok(done >= 2 && done < 4, String(done));
    const other = await bench.slipway(['bench', ...flags, '--runner=cold', '--resume', bench.context]);
    assert.is(other.code, 2);
    const resumed = await bench.slipway(['bench', ...flags, '--resume', bench.context]);
    assert.is(resumed.code, 0, resumed.stderr);
    const whole = JSON.parse(readFileSync(bench.file('out/replay.json'), 'utf8')) as ReplayResult;
    assert.equal(whole.variants[0]!.builds.slice(0, done), kept.variants[0]!.builds);
    assert.equal(outcomes(whole), outcomes(await replay(bench, ['--commits=main~4..main', '--dry'])));
    assert.match(readFileSync(bench.file('out/report.html'), 'utf8'), '<!doctype html>');
    assert.ok(whole.variants[0]!.layers!.total.bytes > 0);
    assert.is(kept.variants[0]!.layers, undefined);
    assert.not.ok(existsSync(bench.file('out/work')));
  });

  test('what the image holds is what `slipway layers` tells of it, on both runners, and when the last build fails', async () => {
    await using bench = await workbench({
      Dockerfile: `FROM base
COPY data /data
RUN dd if=/dev/zero of=/junk bs=1000 count=40
RUN rm /junk && echo more >> /data
`,
      data: 'x'.repeat(20_000),
    });
    await bench.write({
      '../edits.txt': 'chmod 0600 data\nadd Dockerfile "FROM base\\nRUN false\\n"\n',
      '../other.Dockerfile': 'FROM base\nCOPY data /a\nCOPY data /b\n',
    });
    const flags = [`--edits=${bench.file('edits.txt')}`, `--variant=${bench.file('other.Dockerfile')}`];
    for (const runner of ['warm', 'cold']) {
      const { variants } = await replay(bench, [...flags, `--runner=${runner}`]);
      assert.equal(
        variants.map(({ builds }) => builds.map(({ outcome }) => outcome)),
        [
          ['done', 'done', 'failed'],
          ['done', 'done', 'done'],
        ],
      );
      const plain = bench.file(`plain-${runner}`);
      await mkdir(plain);
      await writeFile(join(plain, 'data'), 'x'.repeat(20_000), { mode: 0o600 });
      for (const [at, variant] of variants.entries()) {
        const file = at === 0 ? join(bench.context, 'Dockerfile') : bench.file('other.Dockerfile');
        const tag = `plain-${runner}-${at}`;
        const built = await bench.slipway([
          'build',
          bench.base.flag,
          `--file=${file}`,
          `--tag=${tag}`,
          plain,
        ]);
        assert.is(built.code, 0, built.stderr);
        const told = await bench.slipway(['layers', '--json', tag]);
        assert.is(told.code, 0, told.stderr);
        assert.equal(figures(variant.layers!), figures(JSON.parse(told.stdout) as LayersReport));
        assert.ok(variant.layers!.total.wasted >= (at === 0 ? 60_000 : 0));
        assert.ok(variant.layers!.hints.length > 0);
      }
    }
    const dry = await replay(bench, [...flags, '--dry']);
    for (const { layers } of dry.variants) assert.is(layers, undefined);
  });

  test('command lines that make no sense are refused with a way out', async () => {
    await using bench = await history({ commits: 2 });
    const lines: [string[], RegExp][] = [
      [[], /what is to be replayed is missing/],
      [['--commits=main', '--edits=x'], /exclude each other/],
      [['--commits=nowhere..main'], /the repository has no "nowhere\.\.main"/],
      [['--commits=main..main'], /has no commits/],
      [['--commits=main', '--resume'], /--resume needs --out/],
      [['--commits=main', '--dry', '--builder=buildah'], /--dry knows no keys of buildah/],
      [['--commits=main', '--cache=remote'], /--cache can't be "remote"/],
      [['--commits=main', '--iidfile=x'], /unknown flag: --iidfile/],
      [
        ['--commits=main', '--dry', `--times=${join(bench.context, 'package.json')}`],
        /no result of slipway bench/,
      ],
    ];
    for (const [flags, message] of lines) {
      const result = await bench.slipway(['bench', ...flags, bench.context]);
      assert.is(result.code, 2, result.stderr);
      assert.match(result.stderr, message);
      assert.match(result.stderr, /hint|→|try|did you mean|:/);
    }
  });
}

/** Without digests and times, which differ from build to build. */
function figures({ total, layers, instructions, wastedPaths, hints }: LayersReport): unknown {
  const { storedBytes: _, ...sums } = total;
  return {
    ...{ sums, wastedPaths, hints },
    layers: layers.map(({ diffID, digest, storedBytes, ...figures }) => figures),
    instructions: instructions.map(({ text, layer, place }) => [text, layer, place?.lines]),
  };
}

/** The figures of a build follow from its steps. */
function checkSums({ steps, hits, misses, bytes, stepSeconds }: ReplayBuild): void {
  assert.is(steps.filter(({ outcome }) => outcome === 'hit').length, hits);
  assert.is(steps.filter(isMiss).length, misses);
  const sum = (of: (step: ReportedStep) => number): number => steps.reduce((all, step) => all + of(step), 0);
  const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-6, `${a} ${b}`);
  near(
    sum(({ bytes }) => (bytes && 'written' in bytes ? bytes.written : 0)),
    bytes.written,
  );
  near(
    sum(({ seconds }) => (seconds && 'ran' in seconds ? seconds.ran : 0)),
    stepSeconds.ran,
  );
  near(
    sum(({ seconds }) => (seconds && 'saved' in seconds ? seconds.saved : 0)),
    stepSeconds.saved,
  );
}

test.run();
