// What is said of files that changed: lines, sizes, the commits of a repository, whatever their names are.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport } from '../../src/index.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e explain files');

const odd = ['-n', ':(top)x', 'a b', 'neu\nline', '*', 'ü'];

async function reasons(bench: Workbench): Promise<string[]> {
  const { stdout } = await bench.slipway(['explain', '--json'], { cwd: bench.context });
  const { steps } = JSON.parse(stdout) as CacheReport;
  return [...new Set(steps.flatMap((step) => step.reasons))].sort();
}

test('lines are counted for texts, sizes told of what is none, from the layer that the file went into', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nCOPY one.txt /renamed\nCOPY src /src\nRUN true\n',
    'one.txt': 'a\nb\nc\n',
    'src/deep/two.txt': '1\n2\n',
    'src/gone.txt': 'x',
  });
  writeFileSync(join(bench.context, 'src/data.bin'), Buffer.from([0, 1, 2]));
  await bench.build();
  await bench.write({ 'one.txt': 'a\nB\nc\nd\n', 'src/deep/two.txt': '2\n' });
  writeFileSync(join(bench.context, 'src/data.bin'), Buffer.from([0, 1, 2, 3]));
  rmSync(join(bench.context, 'src/gone.txt'));
  const { stderr } = await bench.build(['--explain']);
  assert.match(stderr, 'one.txt has other content (+2 −1)');
  // Edited since: the layers of both builds still have what they read.
  await bench.write({ 'one.txt': 'something else' });
  const expected = [
    'data.bin has other content (binary, 3 → 4 bytes)',
    'deep/two.txt has other content (+0 −1)',
    'gone.txt was removed',
    'one.txt has other content (+2 −1)',
  ];
  assert.equal(await reasons(bench), expected);
});

test('in a repository, the commit that last touched the file is named, or that it is not committed', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nRUN --mount=type=bind,source=conf,target=/conf cat /conf/x\nCOPY app /app\n',
    'conf/x': '1\n',
    'app/src/a.js': 'a\n',
    'app/src/run.sh': '',
    ...Object.fromEntries(odd.map((name) => [`app/${name}`, '1\n'])),
  });
  const git = (...args: string[]): void => {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z' };
    execFileSync('git', ['-C', bench.context, '-c', 'user.name=Jane Roe', '-c', 'user.email=j@x', ...args], {
      env,
    });
  };
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'Begin');
  await bench.build();
  await bench.write({ 'app/src/a.js': 'a\nb\n', 'conf/x': '1\n2\n3\n' });
  for (const name of odd) await bench.write({ [`app/${name}`]: '2\n' });
  git('add', '.');
  git('commit', '-qm', 'Add "b"\n\nand more');
  await bench.write({ 'app/new.txt': '' });
  chmodSync(join(bench.context, 'app/src/run.sh'), 0o755);
  await bench.build();
  const found = (await reasons(bench)).map((text) => text.replace(/, [0-9a-f]{7,} /, ', HASH '));
  const by = 'HASH "Add \\"b\\"" by Jane Roe, 6 years earlier';
  assert.equal(
    found,
    [
      ...odd.map((name) => `${name} has other content (+1 −1), ${by}`),
      'new.txt was added, not committed',
      'src/run.sh: mode 0644 → 0755, not committed',
      `src/a.js has other content (+1 −0), ${by}`,
      // What a mount showed is in no layer: Git has it.
      `x (mounted at /conf) has other content (+2 −0), ${by}`,
    ].sort(),
  );
});

test.run();
